with

locations as (

    select distinct source_instance, location_name
    from {{ ref('int_channels__fulfillment_requests') }}

),

warehouses as (

    select
        lower(trim(name)) as warehouse_key,
        min_by(source_instance, source_instance || warehouse_id) as warehouse_instance,
        min_by(warehouse_id, source_instance || warehouse_id) as warehouse_id
    from {{ ref('int_warehouses__warehouses') }}
    group by lower(trim(name))

),

-- A channel that names no location leaves it to the warehouse, where there is only one.
only_warehouse as (

    select any_value(warehouse_key) as warehouse_key
    from warehouses
    having count(*) = 1

),

decisions as (

    select
        lower(trim(location)) as location_key,
        coalesce(channel, '*') as for_channel,
        warehouse,
        true as is_decided
    from {{ ref('location_map') }}

),

named as (

    select
        locations.source_instance,
        locations.location_name,
        case
            when decisions.is_decided then decisions.warehouse
            else coalesce(locations.location_name, only_warehouse.warehouse_key)
        end as warehouse_name
    from locations
    left join only_warehouse on locations.location_name is null
    left join decisions
        on
            lower(trim(locations.location_name)) is not distinct from decisions.location_key
            and decisions.for_channel in (
                locations.source_instance, split_part(locations.source_instance, ':', 1), '*'
            )
    qualify row_number() over (
        partition by locations.source_instance, locations.location_name
        order by length(decisions.for_channel) desc
    ) = 1

)

select
    named.source_instance,
    named.location_name,
    warehouses.warehouse_instance,
    warehouses.warehouse_id,
    warehouses.warehouse_id is not null as is_ours
from named
left join warehouses on lower(trim(named.warehouse_name)) = warehouses.warehouse_key
