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

-- A row written twice is one; without a quantity it is one unit.
components as (

    select
        lower(coalesce(nullif(trim(channel), ''), '*')) as channel,
        trim(channel_sku) as channel_sku,
        trim(sku) as sku,
        max({{ safe_integer("coalesce(nullif(trim(quantity), ''), '1')") }}) as quantity,
        decided_by
    from decided
    where trim(channel_sku) != '' and trim(sku) != ''
    group by all

),

judged as (

    select
        components.*,
        items.sku is not null as is_known_sku,
        items.sku is not null and coalesce(components.quantity, 0) > 0 as is_sound
    from components
    left join items on components.sku = items.sku

)

-- A kit of which one component is unknown is no decision yet.
select
    *,
    bool_and(is_sound) over (partition by channel, channel_sku, decided_by) as is_usable
from judged
