-- Where each order ships, as the gate asks: whether there is somewhere at all, and what the
-- carriers' directory says of it. An order's address is the order's own; nothing replaces it.

{{ per_order() }}

{% set checks = {
    'no_street': 'named.line1 is null',
    'no_city': 'named.city is null',
    'no_country': 'named.country is null',
} %}

with

orders as (

    select * from {{ of_changed_orders(ref('int_channels__orders')) }}

),

verifications as (

    select address_key, verdict
    from {{ ref('int_addresses__verifications') }}

),

ship_to as (

    select
        order_id,
        {{ trimmed_parts(order_parts('ship_')) }}
    from orders

),

named as (

    select
        order_id,
        {{ written_id() }} as written_id,
        {{ written_parts() | join(',\n        ') }}
    from ship_to

),

-- Many orders go to the same address.
writings as (

    select
        written_id,
        {%- for part in written_parts() %}
        any_value({{ part }}) as {{ part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from named
    group by written_id

),

located as (

    {{ address_located('writings') }}

),

keyed as (

    {{ address_keyed('located') }}

)

select
    named.order_id,
    keyed.address_key,
    {{ checks.values() | join(' or ') }} as has_bad_address,
    coalesce(verifications.verdict = 'undeliverable', false) as is_refused_by_carrier,
    has_bad_address or (is_refused_by_carrier and {{ hold_undeliverable() }}) as holds_request,
    {{ issue_list(dict(checks, refused='is_refused_by_carrier')) }} as issues
from named
inner join keyed on named.written_id = keyed.written_id
left join verifications on keyed.address_key = verifications.address_key
