{{ config(enabled=has_account('mailbox')) }}

with

raw_orders as (

    select
        source_instance,
        id as source_id,
        "number" as order_number,
        placed_at,
        updated_at,
        currency,
        payment_status as vendor_payment_status,
        status as vendor_fulfillment_status,
        hold_reason,
        email,
        phone,
        note,
        "location",
        shipping_method,
        ship_name,
        ship_company,
        ship_line1,
        ship_line2,
        ship_city,
        ship_region,
        ship_postal_code,
        ship_country,
        "lines",
        coalesce({{ money('shipping_price') }}, 0) as shipping_total,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('mailbox', 'orders') }}

),

totals as (

    select
        source_instance,
        order_source_id,
        sum(line_total) as subtotal
    from {{ ref('stg_mailbox__order_lines') }}
    group by source_instance, order_source_id

)

select
    raw_orders.*,
    raw_orders.placed_at as created_at,
    false as is_test,
    'mailbox' as sales_channel,
    case when raw_orders.vendor_fulfillment_status = 'cancelled' then raw_orders.updated_at end
        as cancelled_at,
    case
        when regexp_full_match(raw_orders.ship_country, '[A-Za-z]{2}')
            then upper(raw_orders.ship_country)
    end as ship_country_code,
    totals.subtotal,
    totals.subtotal + raw_orders.shipping_total as total,
    totals.subtotal + raw_orders.shipping_total as current_total
from raw_orders
left join totals
    on
        raw_orders.source_instance = totals.source_instance
        and raw_orders.source_id = totals.order_source_id
