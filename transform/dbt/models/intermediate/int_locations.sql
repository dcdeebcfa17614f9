with

locations as (

    select distinct source_instance, location_name
    from {{ systems('channels', 'fulfillment_requests') }}

),

warehouses as (

    select
        lower(trim(name)) as warehouse_key,
        min_by(source_instance, source_instance || warehouse_id) as warehouse_instance,
        min_by(warehouse_id, source_instance || warehouse_id) as warehouse_id
    from {{ systems('warehouses', 'warehouses') }}
    group by lower(trim(name))

),

named as (

    select
        locations.source_instance,
        locations.location_name,
        location_map.location is not null as is_decided,
        location_map.warehouse
    from locations
    left join {{ ref('location_map') }} as location_map
        on
            lower(trim(locations.location_name)) = lower(trim(location_map.location))
            and coalesce(location_map.channel, '*') in (
                locations.source_instance, split_part(locations.source_instance, ':', 1), '*'
            )
    qualify row_number() over (
        partition by locations.source_instance, locations.location_name
        order by length(coalesce(location_map.channel, '*')) desc
    ) = 1

)

select
    named.source_instance,
    named.location_name,
    warehouses.warehouse_instance,
    warehouses.warehouse_id,
    warehouses.warehouse_id is not null as is_ours
from named
left join warehouses
    on
        lower(trim(case when named.is_decided then named.warehouse else named.location_name end))
        = warehouses.warehouse_key
