{{ per_order() }}

with

orders as (

    select
        *,
        split_part(source_instance, ':', 1) as system
    from {{ of_changed_orders(ref('int_channels__orders')) }}

),

settings as (

    select
        *,
        cooling_off_minutes * interval '1 minute' as cooling_off
    from {{ ref('instance_settings') }}

),

payments as (

    select system, value, status
    from {{ ref('status_map') }}
    where object = 'payment'

),

currency_words as (

    select system, value, status
    from {{ ref('status_map') }}
    where object = 'currency'

),

currencies as (

    select currency from {{ ref('currencies') }}

),

named as (

    select
        orders.* exclude (currency),
        orders.currency as vendor_currency,
        {{ source_order_id('orders', 'settings') }} as source_order_id,
        coalesce(
            settings.shop_name, orders.shop_name,
            'crossdock-' || {{ instance_handle('orders.source_instance') }}
        ) as wms_shop_name,
        coalesce(settings.go_live_at, {{ default_go_live_at() }}) as go_live_at,
        coalesce(settings.time_zone, 'UTC') as time_zone,
        orders.placed_at + coalesce(settings.cooling_off, {{ cooling_off() }}) as rests_until,
        settings.currency as own_currency,
        coalesce(
            currency_words.status, nullif(trim(orders.currency), ''), settings.currency
        ) as currency
    from orders
    left join settings on orders.source_instance = settings.instance
    left join currency_words
        on
            orders.system = currency_words.system
            and orders.currency = currency_words.value

)

select
    named.* exclude (system, source_prefix, shop_name, own_currency),
    coalesce(payments.status, common_payments.status) as payment_status,
    coalesce(payments.status, common_payments.status, '') = 'paid' as is_paid,
    named.placed_at < named.go_live_at as is_before_go_live,
    -- A currency that ISO does not know is none, unless it is the account's own.
    nullif(concat_ws(
        '; ',
        case
            when
                named.vendor_payment_status is not null
                and coalesce(payments.status, common_payments.status) is null
                then 'payment status ' || named.vendor_payment_status
        end,
        case
            when named.currency is null then 'no currency'
            when
                currencies.currency is null
                and named.currency is distinct from named.own_currency
                then 'currency ' || named.currency
        end
    ), '') as unmapped_values
from named
left join payments
    on named.system = payments.system and named.vendor_payment_status = payments.value
left join payments as common_payments
    on common_payments.system = '*' and named.vendor_payment_status = common_payments.value
left join currencies on named.currency = currencies.currency
