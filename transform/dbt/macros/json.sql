{# The text at a path of a JSON column (`shopMoney.amount`); JSON null and absence are NULL. #}
{% macro json_text(column, path) -%}
  json_extract_string({{ column }}, '${{ '' if path.startswith('[') else '.' }}{{ path }}')
{%- endmacro %}


{# The JSON value at a path of a JSON column. #}
{% macro json_value(column, path) -%}
  json_extract({{ column }}, '${{ '' if path.startswith('[') else '.' }}{{ path }}')
{%- endmacro %}


{# One row for each element of a JSON array: to be used in a select list, as a column. #}
{% macro unnest_json(column) -%}
  unnest(from_json({{ column }}, '["JSON"]'))
{%- endmacro %}


{#
  The same for an array of objects of which some fields are wanted, parsed once: a record with these
  fields as text, null where an object does not have them. `unnest_records('labels', ['id'])`.
#}
{% macro unnest_records(column, fields) -%}
  unnest(from_json({{ column }}, '[{
  {%- for field in fields %}"{{ field }}":"VARCHAR"{{ ',' if not loop.last }}{% endfor -%}
  }]'))
{%- endmacro %}


{# The positions, from 1, of the elements that `unnest_json` gives in the same select list. #}
{% macro json_positions(column) -%}
  unnest(generate_series(1, cast(json_array_length({{ column }}) as bigint)))
{%- endmacro %}


{# An amount of money, as the APIs write it, as a decimal. #}
{% macro money(expression) -%}
  cast({{ expression }} as decimal(18, 4))
{%- endmacro %}


{# A decimal as the APIs write money: at least two digits after the point, no noise behind them. #}
{% macro money_text(expression) -%}
  regexp_replace(cast({{ expression }} as varchar), '(\.\d{2}\d*?)0+$', '\1')
{%- endmacro %}


{# A time as the APIs write it: ISO 8601, UTC, whole seconds. #}
{% macro timestamp_text(expression) -%}
  strftime({{ expression }}, '%Y-%m-%dT%H:%M:%SZ')
{%- endmacro %}


{# A text that a destination holds or should hold: empty and absent are the same there. #}
{% macro observed_text(expression) -%}
  coalesce({{ expression }}, '')
{%- endmacro %}


{# A JSON object of named expressions. #}
{% macro json_object_of(fields) -%}
  json_object(
  {%- for name, expression in fields.items() %}
    '{{ name }}', {{ expression }}{{ ',' if not loop.last }}
  {%- endfor %}
  )
{%- endmacro %}


{# A JSON array with one such object for each row of a group. #}
{% macro json_array_of(fields, order_by) -%}
  to_json(list({{ json_object_of(fields) }} order by {{ order_by }}))
{%- endmacro %}


{# The sum of the numbers that a flat JSON object names: `{"gone": 1, "parked": 2}` → 3. #}
{% macro json_numbers_sum(column) -%}
  coalesce(list_sum(map_values(cast({{ column }} as map(varchar, bigint)))), 0)
{%- endmacro %}
