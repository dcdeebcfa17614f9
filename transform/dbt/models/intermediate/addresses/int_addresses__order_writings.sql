-- How each order writes where it ships and whom it bills, and who bought.

{{ per_order() }}

with

orders as (

    select * from {{ of_changed_orders(ref('int_channels__orders')) }}

),

named as (
    {% for prefix, type in [('ship_', 'shipping'), ('bill_', 'billing')] %}
    select
        order_id,
        source_instance,
        source_id,
        if(customer_source_id is null, 'order', 'customer') as buyer_object,
        coalesce(customer_source_id, source_id) as buyer_id,
        updated_at,
        '{{ type }}' as address_type,
        {{ trimmed_parts(order_parts(prefix)) }}
    from orders
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    * exclude ({{ written_parts() | join(', ') }}),
    {{ written_id() }} as written_id
from named
where coalesce(line1, line2, city, postal_code) is not null
