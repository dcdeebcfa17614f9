{#
  The rows of one raw stream over all accounts of a system, with the columns that the source
  declares, cast to their declared types, plus `source_instance` and what tap and loader add.

  An account whose table is not there yet gives no rows, a column that is not there yet gives
  nulls: so one shop or three, a new field or a first run need no edit.

  With CROSSDOCK_LINEAGE it is the declared source itself, whatever has landed: `crossdock mapping`
  follows columns through the compiled models and never runs them.
#}
{% macro raw(system, stream) -%}
  {%- set declaration = source(system, stream) -%}
  {%- if not execute or is_lineage() -%}
    {{ declaration }}
  {%- else -%}
    {%- set columns = declared_columns(system, stream) -%}
    {%- set selects = [] -%}
    {%- for instance in instances(system) -%}
      {%- set schema = 'raw_' ~ instance | replace(':', '_') -%}
      {%- set relation = adapter.get_relation(
        declaration.database, schema, declaration.identifier
      ) -%}
      {%- if relation -%}
        {%- do selects.append(_raw_select(relation, instance, columns)) -%}
      {%- endif -%}
    {%- endfor -%}
    (
    {{ selects | join('\n    union all\n') if selects else _raw_empty(columns) }}
    )
  {%- endif -%}
{%- endmacro %}


{# Whether columns are only followed through the models, which then ask no table anything. #}
{% macro is_lineage() -%}
  {{ return(execute and env_var('CROSSDOCK_LINEAGE', '') != '') }}
{%- endmacro %}


{#
  The accounts of a system, as in CROSSDOCK_INSTANCES ("shopify:main shopify:eu hubspot:main").
  The journal is no system outside: there is one, and its schema is `raw_journal`.
#}
{% macro instances(system) -%}
  {%- if system == 'journal' -%} {{ return(['journal']) }} {%- endif -%}
  {%- set default = 'shopify:main hubspot:main shiphero:main' -%}
  {%- set named = env_var('CROSSDOCK_INSTANCES', default) | replace(',', ' ') -%}
  {%- set found = [] -%}
  {%- for instance in named.split() if instance.split(':')[0] == system -%}
    {%- do found.append(instance) -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}


{% macro declared_columns(system, stream) -%}
  {%- set node = graph.sources['source.' ~ project_name ~ '.' ~ system ~ '.' ~ stream] -%}
  {%- set columns = [] -%}
  {%- for column in node.columns.values() -%}
    {%- do columns.append((column.name, column.data_type)) -%}
  {%- endfor -%}
  {%- for name in ['_crossdock_read_at', '_sdc_loaded_at', '_sdc_deleted_at'] -%}
    {%- do columns.append((name, 'timestamptz')) -%}
  {%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}


{% macro _raw_select(relation, instance, columns) -%}
  {%- set present = adapter.get_columns_in_relation(relation) | map(attribute='name')
    | map('lower') | list -%}
    select
      '{{ instance }}' as source_instance
    {%- for name, type in columns %},
      {% if name | lower in present -%}
        cast({{ adapter.quote(name) }} as {{ type }}) as {{ adapter.quote(name) }}
      {%- else -%}
        cast(null as {{ type }}) as {{ adapter.quote(name) }}
      {%- endif -%}
    {%- endfor %}
    from {{ relation }}
{%- endmacro %}


{% macro _raw_empty(columns) -%}
    select
      cast(null as varchar) as source_instance
    {%- for name, type in columns %},
      cast(null as {{ type }}) as {{ adapter.quote(name) }}
    {%- endfor %}
    where false
{%- endmacro %}
