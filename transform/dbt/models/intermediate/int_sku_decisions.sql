with

decided as (

    select channel, channel_sku, sku, quantity, 'person' as decided_by
    from {{ decisions(
        'sku_map',
        ['channel', 'channel_sku', 'sku', 'quantity'],
        required=['channel_sku', 'sku'],
    ) }}

    union all

    select channel, channel_sku, sku, cast(quantity as varchar) as quantity, 'seed' as decided_by
    from {{ ref('sku_map_defaults') }}

),

items as (

    select sku from {{ ref('items') }}

),

judged as (

    select distinct
        coalesce(nullif(trim(decided.channel), ''), '*') as channel,
        trim(decided.channel_sku) as channel_sku,
        trim(decided.sku) as sku,
        coalesce({{ safe_integer('decided.quantity') }}, 1) as quantity,
        decided.decided_by,
        items.sku is not null as is_known_sku
    from decided
    left join items on trim(decided.sku) = items.sku
    where decided.channel_sku is not null and decided.sku is not null

)

-- A kit of which one component is unknown is no decision yet.
select
    *,
    bool_and(is_known_sku) over (partition by channel, channel_sku, decided_by) as is_usable
from judged
