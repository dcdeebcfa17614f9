{#
  An internal id: a UUID computed from the source record's key alone, so that a rebuild elsewhere
  gives the same one. `canonical_id('order', 'source_instance', 'source_id')`.
#}
{% macro canonical_id(kind) -%}
  cast(md5(concat_ws('/', '{{ kind }}'
  {%- for part in varargs %}, coalesce(cast({{ part }} as varchar), ''){% endfor -%}
  )) as uuid)
{%- endmacro %}
