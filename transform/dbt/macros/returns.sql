{# The ticket property that holds the RMA or order number: portals name their own. #}
{% macro ticket_property(what) -%}
  {%- set defaults = {'rma': 'rma_id', 'order': 'order_number'} -%}
  {%- set setting = 'CROSSDOCK_TICKET_' ~ what | upper ~ '_PROPERTY' -%}
  {{- env_var(setting, defaults[what]) if execute else defaults[what] -}}
{%- endmacro %}


{# Days within which two systems' words on an order can be of one return. #}
{% macro return_window() -%}
  {%- set days = env_var('CROSSDOCK_RETURN_WINDOW_DAYS', '60') if execute else '60' -%}
  interval '{{ days | int }} days'
{%- endmacro %}


{# Letters and digits of a number that people write in their own ways; NULL if too few to tell. #}
{% macro number_key(expression) -%}
  case
    when length(regexp_replace({{ expression }}, '[^A-Za-z0-9]', '', 'g')) > 2
      then upper(regexp_replace({{ expression }}, '[^A-Za-z0-9]', '', 'g'))
  end
{%- endmacro %}


{# One row for each word of a text that could be a number: to be used as a column. #}
{% macro unnest_numbers(expression) -%}
  unnest(regexp_extract_all(
    {{ expression }}, '[A-Za-z0-9]*[0-9]{2,}[A-Za-z0-9]*(?:[-_/][A-Za-z0-9]+)*'
  ))
{%- endmacro %}


{#
  CTEs that pair rows of two sides one to one, out of a CTE `candidates` with columns `left_id` and
  `right_id` that hold every pair that may be: a pair is made of two that are each other's best. Who
  is left over after a round gets another one. The last CTE is `paired`.
#}
{% macro mutual_best(candidates, order_by, rounds=3) -%}
  {%- for round in range(1, rounds + 1) %}
round_{{ round }} as (

    select left_id, right_id
    from {{ candidates }}
    {%- for before in range(1, round) %}
    {{ 'where' if loop.first else 'and' }}
        left_id not in (select left_id from round_{{ before }})
        and right_id not in (select right_id from round_{{ before }})
    {%- endfor %}
    qualify
        row_number() over (partition by left_id order by {{ order_by }}) = 1
        and row_number() over (partition by right_id order by {{ order_by }}) = 1

),
{% endfor %}
paired as (

    {% for round in range(1, rounds + 1) -%}
    select left_id, right_id from round_{{ round }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- endmacro %}
