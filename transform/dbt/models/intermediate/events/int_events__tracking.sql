{{ per_order() }}

with

events as (

    select * from {{ of_changed_orders(ref('int_tracking_events')) }}
    where not is_voided

)

-- An event is the same whoever said it and whoever says it too later: it is of the parcel's record,
-- and holds nothing that a second source could add. That one parcel arrived does not make its order
-- delivered: units are counted for that.
select
    'tracking.update' as event_type,
    order_id,
    package_instance as source_instance,
    package_source_id as subject,
    occurred_at,
    cast(null as varchar) as status,
    concat_ws(' ', tracking_number, replace(status, '_', ' ')) as detail
from events
