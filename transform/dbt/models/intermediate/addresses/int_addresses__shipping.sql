-- Where each order ships, as the gate asks: whether there is somewhere at all, and what the
-- carriers' directory says of it. An order's address is the order's own; nothing replaces it.

{% set checks = {
    'no_street': 'line1 is null',
    'no_city': 'city is null',
    'no_country': 'coalesce(country_code, country) is null',
} %}

with

orders as (

    select * from {{ ref('int_channels__orders') }}

),

countries as (

    select
        {{ fold('country_name') }} as country_key,
        any_value(country_code) as country_code
    from {{ ref('country_names') }}
    group by country_key

),

verifications as (

    select * from {{ ref('address_verifications') }}

),

ship_to as (

    select
        {{ canonical_id('order', 'source_instance', 'source_id') }} as order_id,
        {{ trimmed_parts('ship_') }}
    from orders

),

located as (

    select
        ship_to.* replace (
            coalesce(ship_to.country_code, countries.country_code) as country_code
        )
    from ship_to
    left join countries on {{ fold('ship_to.country') }} = countries.country_key

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
