with

orders as (

    select * from {{ systems('channels', 'orders') }}

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
        split_part(orders.source_instance, ':', 2) as instance_name,
        settings.source_prefix,
        settings.shop_name,
        coalesce(settings.go_live_at, {{ default_go_live_at() }}) as go_live_at
    from orders
    left join settings on orders.source_instance = settings.instance

)

select
    named.* exclude (system, instance_name, source_prefix, shop_name, go_live_at),
    {{ canonical_id('order', 'named.source_instance', 'named.source_id') }} as order_id,
    concat(
        coalesce(
            named.source_prefix,
            case when named.instance_name = 'main' then 'shop' else named.instance_name end
        ),
        '_', named.source_id
    ) as source_order_id,
    coalesce(named.shop_name, 'crossdock-' || named.instance_name) as wms_shop_name,
    payments.status as payment_status,
    coalesce(payments.status = 'paid', false) as is_paid,
    named.placed_at < named.go_live_at as is_before_go_live,
    (named.vendor_payment_status is not null and payments.status is null)
    or not regexp_full_match(coalesce(named.currency, ''), '[A-Z]{3}') as has_unmapped_value
from named
left join payments
    on named.system = payments.system and named.vendor_payment_status = payments.value
