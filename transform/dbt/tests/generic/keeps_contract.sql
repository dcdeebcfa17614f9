{# Each record once, by its key, and nothing missing of what every channel has to say. #}
{% test keeps_contract(model, key, required) %}
with

records as (

    select * from {{ model }}

)

select
    {{ key | join(', ') }},
    count(*) as record_count
from records
group by {{ key | join(', ') }}
having
    count(*) > 1
    {%- for column in key + required %}
    or count({{ column }}) < count(*)
    {%- endfor %}
{% endtest %}
