with

changes as (

    select * from {{ ref('int_warehouses__inventory_changes') }}

),

history as (

    select * from {{ ref('inventory_history') }}

),

logged as (

    select source_instance from changes
    group by source_instance

)

select
    'inventory.change' as event_type,
    cast(null as uuid) as order_id,
    source_instance,
    change_source_id as subject,
    changed_at as occurred_at,
    cast(null as varchar) as status,
    sku || ': ' || previous_on_hand || ' to ' || (previous_on_hand + change_in_on_hand)
    || coalesce(', ' || reason, '') as detail
from changes

union all

-- Without a log, what differs from one reading to the next.
select
    'inventory.change' as event_type,
    cast(null as uuid) as order_id,
    history.source_instance,
    history.warehouse_id || '/' || history.sku || '/' || history.sequence as subject,
    history.last_updated_at as occurred_at,
    cast(null as varchar) as status,
    history.sku || ': ' || history.previous_on_hand || ' to ' || history.on_hand as detail
from history
left join logged on history.source_instance = logged.source_instance
where logged.source_instance is null and history.on_hand != history.previous_on_hand
