-- The postal addresses that sources name, each with its customer: the main one of a customer or
-- contact, and where an order ships and whom it bills. `address_id` is the same for the same
-- address of the same customer, however it is written.

{% set parts = ['name', 'company', 'line1', 'line2', 'city', 'region', 'postal_code'] %}

with

members as (

    select * from {{ ref('int_identity__members') }}

),

records as (

    select * from {{ ref('int_identity__records') }}

),

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

dictionaries as (

    select {{ word_map('street') }} as places

),

customers as (

    select
        records.source_instance,
        records.source_object,
        records.source_id,
        'main' as address_type,
        members.customer_id,
        nullif(concat_ws(' ', records.first_name, records.last_name), '') as name,
        records.company,
        records.line1,
        records.line2,
        records.city,
        records.region,
        records.postal_code,
        records.country,
        records.updated_at as last_updated_at
    from records
    inner join members on records.record_id = members.record_id
    where records.source_object <> 'order'

),

buyers as (

    select
        orders.*,
        members.customer_id
    from orders
    inner join records
        on
            orders.source_instance = records.source_instance
            and if(orders.customer_source_id is null, 'order', 'customer') = records.source_object
            and coalesce(orders.customer_source_id, orders.source_id) = records.source_id
    inner join members on records.record_id = members.record_id

),

order_addresses as (
    {% for prefix, type in [('ship', 'shipping'), ('bill', 'billing')] %}
    select
        source_instance,
        'order' as source_object,
        source_id,
        '{{ type }}' as address_type,
        customer_id,
        {%- for part in parts %}
        nullif(trim(
            {%- if part == 'region' -%}
                coalesce({{ prefix }}_region_code, {{ prefix }}_region)
            {%- else -%}
                {{ prefix }}_{{ part }}
            {%- endif -%}
        ), '') as {{ part }},
        {%- endfor %}
        coalesce({{ prefix }}_country_code, {{ prefix }}_country) as country,
        updated_at as last_updated_at
    from buyers
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

together as (

    select * from customers
    union all
    select * from order_addresses

),

-- Each way of writing an address is folded once, however many orders go there.
written as (

    select distinct
        line1,
        line2,
        city,
        region,
        postal_code,
        country
    from together
    where coalesce(line1, line2, city, postal_code) is not null

),

folded as (

    select
        written.*,
        countries.country_code,
        {{ fold('concat_ws(\' \', written.line1, written.line2)') }} as street_words,
        {{ fold('written.city') }} as city_words
    from written
    left join countries on {{ fold('written.country') }} = countries.country_key

),

keyed as (

    select
        folded.* exclude (street_words, city_words),
        concat_ws(
            '|',
            coalesce({{ place_key('street_words', 'dictionaries.places') }}, ''),
            coalesce({{ place_key('city_words', 'dictionaries.places') }}, ''),
            coalesce({{ postal_code_key('postal_code', 'country_code') }}, ''),
            coalesce(country_code, {{ fold('country') }}, '')
        ) as address_key
    from folded
    cross join dictionaries

)

select
    {{ canonical_id('address', 'together.customer_id', 'keyed.address_key') }} as address_id,
    together.*,
    keyed.country_code
from together
inner join keyed
    on
        {%- for part in ['line1', 'line2', 'city', 'region', 'postal_code', 'country'] %}
        together.{{ part }} is not distinct from keyed.{{ part }}{{ ' and' if not loop.last }}
        {%- endfor %}
