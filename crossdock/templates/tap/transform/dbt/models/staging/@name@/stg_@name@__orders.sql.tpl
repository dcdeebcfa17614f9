{{ config(enabled=has_account('@name@')) }}

with

raw_orders as (

    select
        source_instance,
        id as source_id,
        "number" as order_number,
        placed_at as created_at,
        placed_at,
        updated_at,
        cancelled_at,
        currency,
        payment_status as vendor_payment_status,
        status as vendor_fulfillment_status,
        email,
        note,
        shipping_method,
        coalesce(test, false) as is_test,
        {{ json_text('ship_to', 'name') }} as ship_name,
        {{ json_text('ship_to', 'company') }} as ship_company,
        {{ json_text('ship_to', 'street') }} as ship_line1,
        {{ json_text('ship_to', 'city') }} as ship_city,
        {{ json_text('ship_to', 'region') }} as ship_region,
        {{ json_text('ship_to', 'postal_code') }} as ship_postal_code,
        {{ json_text('ship_to', 'country_code') }} as ship_country_code,
        {{ json_text('ship_to', 'phone') }} as ship_phone,
        {{ money('shipping') }} as shipping_total,
        {{ money('total') }} as total,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('@name@', 'orders') }}

)

select
    *,
    total - shipping_total as subtotal,
    total as current_total
from raw_orders
