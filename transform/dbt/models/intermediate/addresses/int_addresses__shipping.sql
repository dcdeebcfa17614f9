-- Where each order ships, as the gate asks: whether there is somewhere at all, and what the
-- carriers' directory says of it. An order's address is the order's own; nothing replaces it.

{% set checks = {
    'no_street': 'line1 is null',
    'no_city': 'city is null',
    'no_country': 'country is null',
} %}

with

orders as (

    select * from {{ ref('int_channels__orders') }}

),

verifications as (

    select address_key, verdict
    from {{ ref('int_addresses__verifications') }}

),

ship_to as (

    select
        {{ canonical_id('order', 'source_instance', 'source_id') }} as order_id,
        {{ trimmed_parts(order_parts('ship_')) }}
    from orders

),

located as (

    {{ address_located('ship_to') }}

),

keyed as (

    {{ address_keyed('located') }}

)

select
    keyed.order_id,
    keyed.address_key,
    {{ checks.values() | join(' or ') }} as has_bad_address,
    coalesce(verifications.verdict = 'undeliverable', false) as is_refused_by_carrier,
    has_bad_address or (is_refused_by_carrier and {{ hold_undeliverable() }}) as holds_request,
    {{ issue_list(dict(checks, refused='is_refused_by_carrier')) }} as issues
from keyed
left join verifications on keyed.address_key = verifications.address_key
