{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id',
    post_hook='{{ remember_order_changes() }}',
) }}

-- depends_on: {{ ref('int_locations') }}, {{ ref('int_shipping_methods') }}

{#- Without a mark every order counts as changed. -#}
{% set mark = last_mark(rules_version()) %}

with

orders as (

    select order_id from {{ ref('int_channels__orders') }}

),

order_lines as (

    select order_id, source_instance, channel_sku from {{ ref('int_channels__order_lines') }}

),

told as (

    select order_id, loaded_at from {{ ref('int_changes__channels') }}
    union all
    select order_id, loaded_at from {{ ref('int_changes__warehouses') }}
    union all
    select order_id, loaded_at from {{ ref('int_changes__journal') }}

),

skus as (

    select source_instance, channel_sku, build from {{ ref('int_sku_versions') }}

),

verifications as (

    select address_key, verdict = 'undeliverable' as is_refused
    from {{ ref('int_addresses__verifications') }}

),

-- Of the build before this one.
requests as {{ last_build_of(
    'fulfillment_requests', {'order_id': 'uuid', 'gate_result': 'varchar'}
) }},

addresses as {{ last_build_of('int_addresses__shipping', {
    'order_id': 'uuid', 'address_key': 'varchar', 'is_refused_by_carrier': 'boolean',
}) }},

changed as (

    select order_id from orders
    where {{ 'true' if mark is none else 'false' }}

    union

    select order_id from told
    where epoch_us(loaded_at) > {{ mark if mark is not none else 'null' }}

    union

    select order_lines.order_id
    from order_lines
    inner join skus
        on
            order_lines.source_instance = skus.source_instance
            and order_lines.channel_sku = skus.channel_sku
    where skus.build > {{ last_build() }}

    union

    -- What waits for a time to come, or is shown with what it might be mapped to.
    select order_id from requests
    where
        gate_result in (
            'scheduled', 'cooling_off', 'unmapped_sku', 'unmapped_method', 'unmapped_value'
        )

    union

    -- What the carriers' directory says otherwise than before.
    select addresses.order_id
    from addresses
    left join verifications on addresses.address_key = verifications.address_key
    where addresses.is_refused_by_carrier is distinct from coalesce(verifications.is_refused, false)

)

select
    order_id,
    {{ this_build() }} as build
from changed
