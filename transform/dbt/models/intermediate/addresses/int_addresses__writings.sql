-- Each way in which a source writes an address, once and for good.

{{ config(
    materialized='incremental', unique_key='written_id', on_schema_change='sync_all_columns',
    post_hook='{{ remember_changed_orders() }}'
) }}

with

records as (

    select * from {{ ref('int_identity__records') }}
    where source_object <> 'order' and build > {{ last_mark() or 0 }}

),

orders as (

    select * from {{ of_changed_orders(ref('int_channels__orders')) }}

),

countries as (

    select * from {{ ref('int_addresses__countries') }}

),

together as (

    select
        {{ trimmed_parts() }}
    from records
    {% for prefix in ['ship_', 'bill_'] %}
    union all

    select
        {{ trimmed_parts(order_parts(prefix)) }}
    from orders
    {% endfor %}

),

named as (

    select
        {{ written_id() }} as written_id,
        {%- for part in written_parts() %}
        any_value({{ part }}) as {{ part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from together
    where coalesce(line1, line2, city, postal_code) is not null
    group by written_id

),

-- Parts that lie in one field: a city with its postal code, a street with everything.
judged as (

    select
        named.*,
        case
            when named.city is null
                then regexp_matches(
                    concat_ws(' ', named.line1, named.line2), '[,;|\n\r]|\d.*\pL{2}.*\d'
                )
            when regexp_matches(named.city, '[,;|\n\r]|\d{3}') then true
            when contains(named.line1, ',') and contains(named.line1, named.postal_code) then true
            else coalesce(named.country is null and countries.country_code is not null, false)
        end as is_in_one_piece
    from named
    left join countries
        on named.country is null and {{ fold('named.city') }} = countries.country_key

)

select * from judged
{% if builds_on() %}
where written_id not in (select known.written_id from {{ this }} as known)
{% endif %}
