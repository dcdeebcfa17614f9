{# Schemas are named exactly as the models' configuration says: nobody shares this warehouse. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
