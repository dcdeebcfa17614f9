with

accounts as (

    select instance, system from {{ channel_accounts() }}

),

methods as (

    select
        carrier,
        method,
        coalesce(channel, '*') as for_channel,
        nullif(lower(trim(channel_method)), '*') as method_key
    from {{ ref('shipping_method_map') }}

)

select
    accounts.instance as source_instance,
    methods.method_key,
    methods.carrier,
    methods.method
from accounts
inner join methods on methods.for_channel in (accounts.instance, accounts.system, '*')
qualify row_number() over (
    partition by accounts.instance, methods.method_key
    order by length(methods.for_channel) desc
) = 1
