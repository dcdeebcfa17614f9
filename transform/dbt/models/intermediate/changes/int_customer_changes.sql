{{ config(
    materialized='incremental',
    unique_key='customer_id',
    post_hook='{{ remember_changed_orders(true) }}',
) }}

{%- set member = {
    'record_id': 'uuid', 'customer_id': 'uuid', 'rule': 'varchar', 'is_first': 'boolean',
    'build': 'bigint',
} %}

with

members as (

    select record_id, customer_id, rule, is_first from {{ ref('int_identity__members') }}

),

records as (

    select record_id, build from {{ ref('int_identity__records') }}

),

orders as (

    select order_id, customer_id
    from {{ of_changed_orders(ref('int_order_people'), of_people=true) }}

),

verifications as (

    select address_key, verdict, verified_at from {{ ref('address_verifications') }}

),

-- Of the build before this one.
members_before as {{ last_build_of('int_identity__members_ranked', member) }},

orders_before as {{ last_build_of(
    'int_addresses__of_orders', {'order_id': 'uuid', 'customer_id': 'uuid'}
) }},

addresses as {{ last_build_of('addresses', {
    'customer_id': 'uuid', 'address_key': 'varchar', 'verdict': 'varchar',
    'verified_at': 'timestamptz',
}) }},

members_now as (

    select
        members.record_id,
        members.customer_id,
        members.rule,
        members.is_first,
        records.build
    from members
    inner join records on members.record_id = records.record_id

),

came as (

    select * from members_now
    except
    select * from members_before

),

went as (

    select * from members_before
    except
    select * from members_now

),

changed as (

    select customer_id from came

    union

    select customer_id from went

    union

    select customer_id from orders
    where customer_id is not null

    union

    -- An order that is of another customer now.
    select customer_id from {{ of_changed_orders('orders_before', of_people=true) }}

    union

    -- What the carriers' directory says otherwise than before.
    select addresses.customer_id
    from addresses
    left join verifications on addresses.address_key = verifications.address_key
    where
        addresses.verdict is distinct from verifications.verdict
        or addresses.verified_at is distinct from verifications.verified_at

)

select
    customer_id,
    {{ this_build() }} as build
from changed
