{{ per_order(key='cast(order_id as uuid)', of_people=true) }}

with

orders as (

    select * from {{ of_changed_orders(ref('orders'), of_people=true) }}

),

sent as (

    select distinct order_id
    from {{ of_changed_orders(ref('fulfillment_requests'), of_people=true) }}
    where gate_result = 'sent'

),

tracking as (

    select order_id, tracking_numbers, carriers
    from {{ of_changed_orders(ref('int_order_parcels'), of_people=true) }}

),

-- What the CRM calls a status, where it is told less than we know.
words as (

    select value, status from {{ ref('status_map') }}
    where system = 'hubspot' and object = 'order_status'

),

-- A test is nobody's order; one from before we went live is left to whoever kept it then.
wanted as (

    select orders.*
    from orders
    left join sent on orders.order_id = sent.order_id
    where not orders.is_test and (not orders.is_before_go_live or sent.order_id is not null)

)

select
    cast(wanted.order_id as varchar) as order_id,
    crm.instance as destination_instance,
    cast(null as varchar) as destination_id,
    cast(wanted.customer_id as varchar) as customer_id,
    cast(wanted.order_id as varchar) as crossdock_order_id,
    wanted.source_order_id as hs_external_order_id,
    wanted.order_number as hs_order_name,
    wanted.source_instance as hs_source_store,
    {{ timestamp_text('wanted.placed_at') }} as hs_external_created_date,
    coalesce(words.status, wanted.status) as hs_fulfillment_status,
    coalesce(tracking.tracking_numbers, '') as hs_shipping_tracking_number,
    coalesce(tracking.carriers, '') as crossdock_carrier,
    wanted.currency as hs_currency_code,
    {{ money_text('wanted.current_total') }} as hs_total_price,
    {{ money_text('wanted.subtotal') }} as hs_subtotal_price,
    {{ money_text('wanted.shipping_total') }} as hs_shipping_cost,
    coalesce(wanted.ship_name, '') as hs_shipping_address_name,
    concat_ws(', ', nullif(wanted.ship_line1, ''), nullif(wanted.ship_line2, ''))
        as hs_shipping_address_street,
    coalesce(wanted.ship_city, '') as hs_shipping_address_city,
    coalesce(wanted.ship_region, '') as hs_shipping_address_state,
    coalesce(wanted.ship_postal_code, '') as hs_shipping_address_postal_code,
    coalesce(wanted.ship_country, '') as hs_shipping_address_country
from wanted
cross join {{ destinations('hubspot') }} as crm
left join tracking on wanted.order_id = tracking.order_id
left join words on wanted.status = words.value
