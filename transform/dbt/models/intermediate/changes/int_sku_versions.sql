{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_instance', 'channel_sku'],
) }}

-- In which build the map of each channel SKU last changed.

with

sku_map as (

    select * from {{ ref('sku_map') }}

),

versions as (

    select
        source_instance,
        channel_sku,
        {{ hash_of_rows(
            "concat_ws('/', rule, sku, quantity)", order_by='sku, quantity'
        ) }} as version
    from sku_map
    group by source_instance, channel_sku

)

select
    versions.source_instance,
    versions.channel_sku,
    versions.version,
    {{ this_build() }} as build
from versions
{% if is_incremental() %}
left join {{ this }} as known
    on
        versions.source_instance = known.source_instance
        and versions.channel_sku = known.channel_sku
where versions.version is distinct from known.version
{% endif %}
