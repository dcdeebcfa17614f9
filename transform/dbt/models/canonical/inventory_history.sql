{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{% set terms = [
    'on_hand', 'allocated', 'backordered', 'unavailable', 'reserved', 'sell_ahead', 'pending',
    'incoming', 'available', 'publishable', 'reorder_point', 'reorder_margin',
] %}

with

{% if is_incremental() %}
last_known as (

    select * from {{ this }}
    qualify row_number() over (partition by inventory_level_id order by sequence desc) = 1

),
{% endif %}

levels as (

    select * from {{ ref('int_inventory_terms') }}

),

now_listed as (

    select
        inventory_level_id,
        source_instance,
        source_id,
        warehouse_id,
        sku,
        {% for term in terms -%}
        {{ term }},
        {% endfor -%}
        is_kit,
        true as is_listed,
        updated_at as changed_at
    from levels
    {% if is_incremental() %}

    union all

    -- What the warehouse no longer has is at nought from now on.
    select
        last_known.inventory_level_id,
        last_known.source_instance,
        last_known.source_id,
        last_known.warehouse_id,
        last_known.sku,
        {% for term in terms -%}
        0 as {{ term }},
        {% endfor -%}
        last_known.is_kit,
        false as is_listed,
        {{ business_now() }} as changed_at
    from last_known
    left join levels on last_known.inventory_level_id = levels.inventory_level_id
    where levels.inventory_level_id is null and last_known.is_listed
    {% endif %}

),

changed as (

    select
        now_listed.*,
        {% if is_incremental() -%}
        last_known.on_hand as previous_on_hand,
        last_known.available as previous_available,
        coalesce(last_known.sequence, 0) + 1 as sequence
        {%- else -%}
        cast(null as bigint) as previous_on_hand,
        cast(null as bigint) as previous_available,
        1 as sequence
        {%- endif %}
    from now_listed
    {% if is_incremental() %}
    left join last_known on now_listed.inventory_level_id = last_known.inventory_level_id
    where
        last_known.inventory_level_id is null
        or now_listed.is_listed is distinct from last_known.is_listed
        {% for term in terms -%}
        or now_listed.{{ term }} is distinct from last_known.{{ term }}
        {% endfor %}
    {% endif %}

)

select
    {{ canonical_id('inventory_history', 'inventory_level_id', 'sequence') }}
        as inventory_history_id,
    inventory_level_id,
    cast(sequence as bigint) as sequence,
    source_instance,
    source_id,
    warehouse_id,
    sku,
    {% for term in terms -%}
    cast({{ term }} as bigint) as {{ term }},
    {% endfor -%}
    previous_on_hand,
    previous_available,
    is_kit,
    is_listed,
    {{ business_now() }} as seen_at,
    coalesce(changed_at, {{ business_now() }}) as last_updated_at
from changed
