{# How models tell what changed: in builds that are numbered in the order of time. #}


{# The number of this build of a model that keeps a column `build`: later ones are greater. #}
{% macro this_build() -%}
  greatest(epoch_us(get_current_timestamp()), coalesce({{ last_build() }} + 1, 0))
{%- endmacro %}


{# The number of the last build of such a model; null if there is none. #}
{% macro last_build() -%}
  {%- if builds_on() -%} (select max(build) from {{ this }}) {%- else -%} null {%- endif -%}
{%- endmacro %}


{#
  These columns of what was built last under a name, for a model that cannot wait for it:
  `last_build_of('orders', {'order_id': 'uuid'})`. No rows if nothing was built yet.
#}
{% macro last_build_of(name, columns) -%}
  {%- set relation = none -%}
  {%- if builds_on() -%}
    {%- set wanted = _relation_of(name) -%}
    {%- set relation = adapter.get_relation(wanted.database, wanted.schema, wanted.identifier) -%}
  {%- endif -%}
  (
        select
        {%- for column, type in columns.items() %}
            {{ column if relation else 'cast(null as ' ~ type ~ ') as ' ~ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        {{ 'from ' ~ relation if relation else 'where false' }}
    )
{%- endmacro %}


{# What small tables say that every order may depend on, as one hash. #}
{% macro rules_version() -%}
  {%- if not execute or is_lineage() -%} {{ return('') }} {%- endif -%}
  {%- set parts = [] -%}
  {%- for name in ('int_locations', 'int_shipping_methods') -%}
    {%- set wanted = _relation_of(name) -%}
    {#- Not there while the documentation of an empty warehouse is made. -#}
    {%- if adapter.get_relation(wanted.database, wanted.schema, wanted.identifier) -%}
      {%- do parts.append(run_query(
        'select ' ~ hash_of_rows('cast(to_json(each) as varchar)')
        ~ ' from ' ~ wanted ~ ' as each'
      ).columns[0].values()[0] or '') -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}


{# One hash of the rows of a group, in whatever order they come. #}
{% macro hash_of_rows(expression, order_by=none) -%}
  md5(string_agg({{ expression }}, '|' order by {{ order_by or expression }}))
{%- endmacro %}


{# Up to where `int_order_changes` has heard what was loaded. #}
{% macro remember_order_changes() -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {%- set heard = [
    'int_channels__refunds', 'int_channels__returns', 'int_warehouses__returns',
    'int_warehouses__orders', 'int_carriers__trackers', 'stg_journal__acknowledged',
  ] -%}
  {%- for system in channels() -%}
    {%- do heard.extend(['stg_' ~ system ~ '__orders', 'stg_' ~ system ~ '__fulfillment_requests']) -%}
  {%- endfor -%}
  {%- for system in warehouses() -%}
    {%- do heard.append('stg_' ~ system ~ '__shipments') -%}
  {%- endfor -%}
  {%- set newest = [] -%}
  {%- for name in heard -%}
    {%- do newest.append('(select max(epoch_us(loaded_at)) from ' ~ _relation_of(name) ~ ')') -%}
  {%- endfor -%}
  {{ _remember('coalesce(greatest(' ~ newest | join(', ') ~ '), 0)', rules_version()) }}
{%- endmacro %}
