{{ config(materialized='view') }}

-- What the channels told of their orders, also of records that are gone, and when it was loaded.

with

told as (
    {% for system in channels() %}
    select source_instance, source_id as order_source_id, loaded_at
    from {{ ref('stg_' ~ system ~ '__orders') }}

    union all

    select source_instance, order_source_id, loaded_at
    from {{ ref('stg_' ~ system ~ '__fulfillment_requests') }}

    union all
    {% endfor %}
    select source_instance, order_source_id, loaded_at
    from {{ ref('int_channels__refunds') }}

    union all

    select source_instance, order_source_id, loaded_at
    from {{ ref('int_channels__returns') }}

)

select
    {{ canonical_id('order', 'source_instance', 'order_source_id') }} as order_id,
    loaded_at
from told
