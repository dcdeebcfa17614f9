with

orders as (

    select * from {{ ref('int_channels__orders') }}

),

settings as (

    select * from {{ ref('instance_settings') }}

),

payments as (

    select system, value, status
    from {{ ref('status_map') }}
    where object = 'payment'

),

named as (

    select
        orders.*,
        split_part(orders.source_instance, ':', 1) as system,
        coalesce(
            settings.source_prefix, orders.source_prefix,
            {{ instance_handle('orders.source_instance') }}
        ) as prefix,
        coalesce(
            settings.shop_name, orders.shop_name,
            'crossdock-' || {{ instance_handle('orders.source_instance') }}
        ) as wms_shop_name,
        coalesce(settings.go_live_at, {{ default_go_live_at() }}) as go_live_at
    from orders
    left join settings on orders.source_instance = settings.instance

)

select
    named.* exclude (system, prefix, source_prefix, shop_name, go_live_at),
    {{ canonical_id('order', 'named.source_instance', 'named.source_id') }} as order_id,
    concat(named.prefix, '_', named.source_id) as source_order_id,
    coalesce(payments.status, common_payments.status) as payment_status,
    coalesce(payments.status, common_payments.status, '') = 'paid' as is_paid,
    named.placed_at < named.go_live_at as is_before_go_live,
    (
        named.vendor_payment_status is not null
        and coalesce(payments.status, common_payments.status) is null
    )
    or not regexp_full_match(coalesce(named.currency, ''), '[A-Z]{3}') as has_unmapped_value
from named
left join payments
    on named.system = payments.system and named.vendor_payment_status = payments.value
left join payments as common_payments
    on common_payments.system = '*' and named.vendor_payment_status = common_payments.value
