{{ config(enabled='shopify' in told_channels()) }}

with

shipments as (

    select * from {{ ref('int_told_shipments') }}
    where split_part(source_instance, ':', 1) = 'shopify'

),

lines as (

    select * from {{ ref('int_told_lines') }}

),

open_lines as (

    select fulfillment_request_id, request_line_source_id, remaining_quantity
    from {{ ref('int_channels__fulfillment_request_lines') }}

),

held as (

    select
        destination_instance,
        order_source_id,
        destination_id,
        {{ tracking_key("unnest(from_json(tracking_numbers, '[\"VARCHAR\"]'))") }} as tracking_key
    from {{ ref('stg_shopify__told_fulfillments') }}
    where not is_gone

),

told_by_us as (

    select distinct destination_instance, sync_key
    from {{ ref('stg_journal__operations') }}
    where sync = 'sync_shopify__fulfillments' and state = 'acknowledged'

),

carriers as (

    select carrier_code, name from {{ ref('carriers') }}

),

settings as (

    select instance, notify from {{ ref('instance_settings') }}

),

accounts as (

    select instance from {{ destinations('shopify') }} as instances

),

-- Another app, or a person, may have told the shop of the parcel by its number.
numbers as (

    select
        fulfillment_id,
        source_instance,
        order_source_id,
        {{ tracking_key('unnest(tracking_numbers)') }} as tracking_key
    from shipments

),

known as (

    select numbers.fulfillment_id, min(held.destination_id) as destination_id
    from numbers
    inner join held
        on
            numbers.source_instance = held.destination_instance
            and numbers.order_source_id = held.order_source_id
            and numbers.tracking_key = held.tracking_key
    group by numbers.fulfillment_id
    having count(distinct held.destination_id) = 1

),

units as (

    select
        lines.fulfillment_id,
        bool_and(lines.quantity <= coalesce(open_lines.remaining_quantity, 0)) as are_open,
        {{ json_array_of({
            'id': "'gid://shopify/FulfillmentOrderLineItem/' || lines.request_line_source_id",
            'quantity': 'lines.quantity',
        }, order_by='lines.request_line_source_id') }} as line_items
    from lines
    left join open_lines
        on
            lines.fulfillment_request_id = open_lines.fulfillment_request_id
            and lines.request_line_source_id = open_lines.request_line_source_id
    group by lines.fulfillment_id

)

select
    cast(shipments.fulfillment_id as varchar) as fulfillment_id,
    accounts.instance as destination_instance,
    known.destination_id,
    'gid://shopify/FulfillmentOrder/' || shipments.request_source_id as fulfillment_order_id,
    cast(units.line_items as varchar) as line_items,
    case
        when len(shipments.tracking_numbers) = 0 then ''
        else {{ observed_text('coalesce(carriers.name, shipments.carrier)') }}
    end as tracking_company,
    cast(to_json(shipments.tracking_numbers) as varchar) as tracking_numbers,
    cast(to_json(shipments.tracking_urls) as varchar) as tracking_urls,
    case
        when settings.notify = 'all' then 'true'
        when
            settings.notify = 'fresh'
            and shipments.shipped_at > {{ business_now() }} - interval '1 day' then 'true'
        else 'false'
    end as notify_customer
from shipments
inner join units on shipments.fulfillment_id = units.fulfillment_id
inner join accounts on shipments.source_instance = accounts.instance
left join known on shipments.fulfillment_id = known.fulfillment_id
left join told_by_us
    on
        shipments.source_instance = told_by_us.destination_instance
        and cast(shipments.fulfillment_id as varchar) = told_by_us.sync_key
left join carriers on shipments.carrier_code = carriers.carrier_code
left join settings on shipments.source_instance = settings.instance
-- Units that the shop counts as shipped already were told in some other way.
where units.are_open or known.destination_id is not null or told_by_us.sync_key is not null
