{% set address = [
    'first_name', 'last_name', 'company', 'address1', 'address2', 'city', 'state', 'zip',
    'country', 'email', 'phone',
] %}

with

raw_orders as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        updated_at,
        "_sdc_deleted_at" is not null as is_gone,
        partner_order_id,
        order_number,
        shop_name,
        fulfillment_status,
        {{ timestamp_text('order_date') }} as order_date,
        {{ observed_text('currency') }} as currency,
        {{ observed_text('email') }} as email,
        {% for part in address -%}
        {{ observed_text(json_text('shipping_address', part)) }} as shipping_address__{{ part }},
        {% endfor -%}
        shipping_lines,
        line_items,
        {{ json_text('merged_orders', '[*].order_id') }} as merged_ids,
        {{ json_text('merged_orders', '[*].is_master') }} as merged_masters
    from {{ raw('shiphero', 'orders') }}

)

select
    * exclude (merged_ids, merged_masters),
    {{ where_flagged('merged_ids', 'merged_masters') }} as merged_into_id
from raw_orders
