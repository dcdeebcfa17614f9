with

decided as (

    select channel, channel_sku, sku, quantity, who, "when", why, 'person' as decided_by
    from {{ decisions(
        'sku_map',
        ['channel', 'channel_sku', 'sku', 'quantity', 'who', 'when', 'why'],
        required=['channel_sku', 'sku'],
    ) }}

    union all by name

    select channel, channel_sku, sku, cast(quantity as varchar) as quantity, 'seed' as decided_by
    from {{ ref('sku_map_defaults') }}

),

items as (

    select sku, is_kit from {{ ref('items') }}

),

kit_components as (

    select
        kit_sku,
        component_sku,
        min(quantity) as quantity
    from {{ ref('int_warehouses__kit_components') }}
    group by kit_sku, component_sku

),

-- A row written twice is one; without a quantity it is one unit.
components as (

    select
        decided_by,
        lower(coalesce(nullif(trim(channel), ''), '*')) as channel,
        trim(channel_sku) as channel_sku,
        trim(sku) as sku,
        max({{ safe_integer("coalesce(nullif(trim(quantity), ''), '1')") }}) as quantity,
        count(distinct coalesce(nullif(trim(quantity), ''), '1')) as quantities,
        max(who) as who,
        max("when") as decided_at,
        max(why) as why
    from decided
    where trim(channel_sku) != '' and trim(sku) != ''
    group by all

),

-- Whoever names a kit that the warehouse knows, and all that is in it, would have it shipped twice.
repeated_kits as (

    select
        components.decided_by,
        components.channel,
        components.channel_sku,
        components.sku
    from components
    inner join kit_components on components.sku = kit_components.kit_sku
    left join components as others
        on
            components.decided_by = others.decided_by
            and components.channel = others.channel
            and components.channel_sku = others.channel_sku
            and kit_components.component_sku = others.sku
            and components.quantity * kit_components.quantity <= others.quantity
    group by all
    having count(*) = count(others.sku)

),

judged as (

    select
        components.* exclude (quantities),
        count(*) over decision as component_count,
        case
            when items.sku is null then 'unknown_sku'
            when coalesce(components.quantity, 0) = 0 then 'no_quantity'
            when components.quantities > 1 then 'two_quantities'
            when repeated_kits.sku is not null then 'kit_and_its_components'
            when
                sold_kits.is_kit and components.sku != components.channel_sku
                and (
                    components.quantity > 1
                    or parts.component_sku is not null
                    or count(*) over decision > 1
                )
                then 'explodes_a_kit_of_the_warehouse'
        end as problem
    from components
    left join items on components.sku = items.sku
    left join items as sold_kits on components.channel_sku = sold_kits.sku
    left join kit_components as parts
        on components.channel_sku = parts.kit_sku and components.sku = parts.component_sku
    left join repeated_kits
        on
            components.decided_by = repeated_kits.decided_by
            and components.channel = repeated_kits.channel
            and components.channel_sku = repeated_kits.channel_sku
            and components.sku = repeated_kits.sku
    window decision as (
        partition by components.decided_by, components.channel, components.channel_sku
    )

)

-- A kit of which one component is wrong is no decision yet.
select
    *,
    bool_and(problem is null) over (partition by channel, channel_sku, decided_by) as is_usable
from judged
