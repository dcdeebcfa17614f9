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
  fields as text, null where an object does not have them; `json_field` names one of them.
  `unnest_records('labels', ['id', 'cost.amount'])`.
#}
{% macro unnest_records(column, paths) -%}
  unnest(from_json({{ column }}, '[{{ _json_structure(paths) }}]'))
{%- endmacro %}


{# An object of which some fields are wanted, parsed once: `json_record('address', ['city'])`. #}
{% macro json_record(column, paths) -%}
  from_json({{ column }}, '{{ _json_structure(paths) }}')
{%- endmacro %}


{# A field of such a record: `json_field('label', 'cost.amount')`. #}
{% macro json_field(record, path) -%}
  {{ record }}."{{ path.split('.') | join('"."') }}"
{%- endmacro %}


{% macro _json_structure(paths) -%}
  {%- set names = [] -%}
  {%- for path in paths if path.split('.')[0] not in names -%}
    {%- do names.append(path.split('.')[0]) -%}
  {%- endfor -%}
  {
  {%- for name in names -%}
    {%- set inner = [] -%}
    {%- for path in paths if path.startswith(name ~ '.') -%}
      {%- do inner.append(path[(name | length) + 1:]) -%}
    {%- endfor -%}
    "{{ name }}":{{ _json_structure(inner) if inner else '"VARCHAR"' }}{{ ',' if not loop.last }}
  {%- endfor -%}
  }
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


{# The sum of the numbers at a path with a wildcard: `json_sum('line', 'picks[*].quantity')`. #}
{% macro json_sum(column, path) -%}
  list_sum(cast({{ json_value(column, path) }} as bigint[]))
{%- endmacro %}


{# Of two lists side by side, the entry of the first where the second says true. #}
{% macro where_flagged(entries, flags) -%}
  list_extract({{ entries }}, nullif(list_position({{ flags }}, 'true'), 0))
{%- endmacro %}


{# The texts of a JSON list for people, `a; b`, words apart. #}
{% macro json_list_label(column) -%}
  replace(array_to_string(from_json({{ column }}, '["VARCHAR"]'), '; '), '_', ' ')
{%- endmacro %}
