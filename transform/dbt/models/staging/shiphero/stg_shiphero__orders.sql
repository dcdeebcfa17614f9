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
        {{ observed_text(json_text('holds', 'client_hold')) }} as client_hold,
        {{ timestamp_text('order_date') }} as order_date,
        {{ observed_text('currency') }} as currency,
        {{ observed_text('email') }} as email,
        {{ json_record('shipping_address', address) }} as ship_to,
        shipping_lines,
        line_items,
        {{ json_text('merged_orders', '[*].order_id') }} as merged_ids,
        {{ json_text('merged_orders', '[*].is_master') }} as merged_masters,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shiphero', 'orders') }}

)

select
    * exclude (ship_to, merged_ids, merged_masters),
    {% for part in address -%}
    {{ observed_text(json_field('ship_to', part)) }} as shipping_address__{{ part }},
    {% endfor -%}
    {{ where_flagged('merged_ids', 'merged_masters') }} as merged_into_id
from raw_orders
