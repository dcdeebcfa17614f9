{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='sku',
    on_schema_change='fail',
) }}

with

items as (

    select sku, description from {{ ref('items') }}

),

{% if is_incremental() %}
known as (

    select distinct sku, name from {{ this }}

),
{% endif %}

-- Taking names apart costs more than all else, and they hardly ever change.
changed as (

    select
        items.sku,
        coalesce(items.description, '') as name
    from items
    {% if is_incremental() %}
        left join known
            on items.sku = known.sku and coalesce(items.description, '') = known.name
        where known.sku is null
    {% endif %}

),

named as (

    select
        sku,
        name,
        {{ tokens('name') }} as words,
        {{ sku_codes('name', 'sku') }} as codes
    from changed

)

select
    sku,
    name,
    unnest({{ sku_terms('name', 'words', 'codes') }}) as term
from named
