with

events as (

    select * from {{ ref('int_tracking_events') }}
    where not is_voided

),

parcels as (

    select order_id, delivered_at from {{ ref('int_order_parcels') }}
    where is_delivered

)

-- Who said it first may change when a second source speaks: the event is of the parcel's record.
select
    'tracking.update' as event_type,
    events.order_id,
    events.package_instance as source_instance,
    events.package_source_id || '/' || events.status as subject,
    events.occurred_at,
    -- An order has arrived with the last of its parcels, and with no one before.
    case when events.status = 'delivered' and parcels.order_id is not null then 'delivered' end
        as status,
    concat_ws(
        ', ', events.tracking_number, replace(events.status, '_', ' '),
        nullif(events.message, ''), events.city
    ) as detail
from events
left join parcels
    on events.order_id = parcels.order_id and events.occurred_at = parcels.delivered_at
