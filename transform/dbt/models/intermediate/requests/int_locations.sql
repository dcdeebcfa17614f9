with

accounts as (

    select instance, system from {{ channel_accounts() }}

),

warehouses as (

    select
        source_instance as warehouse_instance,
        warehouse_id,
        lower(trim(name)) as warehouse_key
    from {{ ref('int_warehouses__warehouses') }}

),

-- A warehouse is called by its name; with its account before it where two have the same.
called as (

    select warehouse_key, warehouse_instance, warehouse_id from warehouses

    union all

    select
        warehouse_instance || '/' || warehouse_key as warehouse_key,
        warehouse_instance,
        warehouse_id
    from warehouses

),

names as (

    select
        warehouse_key,
        any_value(warehouse_instance) as warehouse_instance,
        any_value(warehouse_id) as warehouse_id,
        count(*) > 1 as is_ambiguous
    from called
    group by warehouse_key

),

-- A channel that names no location leaves it to the warehouse, where there is only one.
only_warehouse as (

    select any_value(warehouse_key) as warehouse_key
    from warehouses
    having count(*) = 1

),

decisions as (

    select
        lower(trim(coalesce(location, ''))) as location_key,
        coalesce(channel, '*') as for_channel,
        lower(trim(warehouse)) as warehouse_key
    from {{ ref('location_map') }}

),

said as (

    select location_key, for_channel, warehouse_key from decisions
    union all
    select warehouse_key as location_key, '' as for_channel, warehouse_key from names
    union all
    select '', '', warehouse_key from only_warehouse

),

closest as (

    select
        accounts.instance as source_instance,
        said.location_key,
        said.warehouse_key
    from accounts
    inner join said on said.for_channel in (accounts.instance, accounts.system, '*', '')
    qualify row_number() over (
        partition by accounts.instance, said.location_key
        order by length(said.for_channel) desc
    ) = 1

)

select
    closest.source_instance,
    closest.location_key,
    case when not names.is_ambiguous then names.warehouse_instance end as warehouse_instance,
    case when not names.is_ambiguous then names.warehouse_id end as warehouse_id,
    coalesce(not names.is_ambiguous, false) as is_ours,
    coalesce(names.is_ambiguous, false) as is_ambiguous
from closest
left join names on closest.warehouse_key = names.warehouse_key
