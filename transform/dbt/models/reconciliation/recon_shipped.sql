with

shipped as (

    select
        wanted.order_id,
        wanted.destination_instance,
        wanted.hs_fulfillment_status as wms_status
    from {{ ref('sync_hubspot__orders') }} as wanted

),

observed as (

    select
        destination_instance,
        crossdock_order_id as order_id,
        hs_fulfillment_status as crm_status,
        read_at as known_at
    from {{ ref('stg_hubspot__orders') }}
    where not is_gone

),

acknowledged as (

    select
        destination_instance,
        sync_key as order_id,
        hs_fulfillment_status as crm_status,
        acknowledged_at as known_at
    from {{ ref('stg_journal__acknowledged') }}
    where sync = 'sync_hubspot__orders'

),

known as (

    select * from observed
    union all
    select * from acknowledged

),

-- A run that has just written must not accuse itself: the later word counts.
latest as (

    select *
    from known
    qualify row_number() over (
        partition by destination_instance, order_id order by known_at desc
    ) = 1

),

waiting as (

    select distinct sync_key as order_id
    from {{ ref('stg_journal__operations') }}
    where
        sync = 'sync_hubspot__orders'
        and state not in ('acknowledged', 'superseded', 'discarded')

),

carried_out as (

    select destination_instance from {{ ref('recon_books') }}
    where sync = 'sync_hubspot__orders' and status = 'planned'

)

select
    shipped.order_id,
    shipped.destination_instance,
    shipped.wms_status,
    latest.crm_status,
    waiting.order_id is not null or carried_out.destination_instance is null as is_on_its_way,
    (shipped.wms_status in ('shipped', 'delivered', 'returned'))
    != coalesce(latest.crm_status in ('shipped', 'delivered', 'returned'), false)
        as is_different
from shipped
left join latest
    on
        shipped.destination_instance = latest.destination_instance
        and shipped.order_id = latest.order_id
left join waiting on shipped.order_id = waiting.order_id
left join carried_out on shipped.destination_instance = carried_out.destination_instance
