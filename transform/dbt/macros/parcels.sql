{# What names of a carrier are compared by: `DHL Express`, `dhl_express` and `DHLExpress` are one. #}
{% macro carrier_key(name) -%}
  translate(lower({{ name }}), ' -_./', '')
{%- endmacro %}


{# What tracking numbers are compared by: they are written with and without blanks. #}
{% macro tracking_key(number) -%}
  nullif(upper(translate({{ number }}, ' -', '')), '')
{%- endmacro %}


{# The page of a carrier that shows a tracking number. #}
{% macro tracking_page(pattern, number) -%}
  replace({{ pattern }}, '{number}', url_encode({{ number }}))
{%- endmacro %}


{#
  The distinct texts of a group in order, `a; b`, like `joined`, for a million groups of a few rows
  each: there a sorted aggregate costs twice as much.
#}
{% macro joined_few(expression) -%}
  nullif(array_to_string(list_sort(list_distinct(list({{ expression }}))), '; '), '')
{%- endmacro %}


{# Whether an account follows parcels here at all; read when a model is compiled for its run. #}
{% macro parcels_are_followed() -%}
  {%- set found = [] -%}
  {%- for system in carriers() -%}
    {%- do found.extend(instances(system)) -%}
  {%- endfor -%}
  {{ 'true' if found else 'false' }}
{%- endmacro %}
