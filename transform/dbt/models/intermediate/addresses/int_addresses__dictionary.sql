-- What addresses are read by: when it changes, they are read again.

{# Count the edition up with each change of int_addresses__parsed itself. #}
{% set rules = 'edition 2' ~ address_located('it') ~ address_keyed('it') ~ postal_code_judged('it')
    ~ unit_written('it') %}

with

countries as (

    select * from {{ ref('country_names') }}

),

regions as (

    select * from {{ ref('regions') }}

),

postal_formats as (

    select * from {{ ref('postal_formats') }}

),

street_words as (

    select * from {{ ref('identity_words') }}
    where kind = 'street'

),

digests as (
    {% for name in ['countries', 'regions', 'postal_formats', 'street_words'] %}
    select md5(string_agg(cast({{ name }} as varchar), '' order by cast({{ name }} as varchar)))
        as digest
    from {{ name }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select md5('{{ local_md5(rules) }}' || string_agg(digest, '' order by digest)) as dictionary
from digests
