with

used as (

    select distinct source_instance, shipping_method
    from {{ ref('int_orders') }}

),

methods as (

    select
        *,
        coalesce(channel, '*') as for_channel,
        coalesce(channel_method, '*') as for_method
    from {{ ref('shipping_method_map') }}

)

select
    used.source_instance,
    used.shipping_method,
    methods.carrier,
    methods.method
from used
inner join methods
    on
        methods.for_channel in (
            used.source_instance, split_part(used.source_instance, ':', 1), '*'
        )
        and methods.for_method in (used.shipping_method, '*')
qualify row_number() over (
    partition by used.source_instance, used.shipping_method
    order by methods.for_method = '*', length(methods.for_channel) desc
) = 1
