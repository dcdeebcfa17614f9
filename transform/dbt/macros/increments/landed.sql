{#
  Landed models: `{{ landed('channels', records='orders', key=['source_instance', 'source_id']) }}`.
  `records` names the staging models of the systems' records, gone ones included, whose
  `records_key` is the `key` of the rows here that are made of one.
#}
{% macro landed(systems, records, key, records_key=none) -%}
  {{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    meta={'starts_over': true, 'landed': {
      'systems': systems, 'records': records, 'key': key, 'records_key': records_key or key,
    }},
    pre_hook='{{ forget_loaded() }}',
    post_hook='{{ remember_loaded() }}',
  ) }}
  {#- The hooks read the records, so these are to be there before. -#}
  {%- if not execute -%}
  {%- for system in _systems_of(systems) -%} {%- do ref('stg_' ~ system ~ '__' ~ records) -%} {%- endfor -%}
  {%- endif -%}
{%- endmacro %}


{#
  The rows of a staging model, for a landed model: in a later build those that were loaded since.
#}
{% macro loaded_since(relation) -%}
  {%- set mark = last_mark() -%}
  {%- if mark is none -%} {{ relation }}
  {%- else -%} (select * from {{ relation }} where epoch_us(loaded_at) > {{ mark }})
  {%- endif -%}
{%- endmacro %}


{#
  Before a landed model takes in what is new: rows of the records that were loaded since go. The
  staging model of the records (`landed.records` in the model's meta) also has those that are gone.
#}
{% macro forget_loaded() -%}
  {%- if is_incremental() -%}
    {%- set mark = last_mark() -%}
    {%- if mark is not none -%}
    {%- set landed = model.config.meta.landed -%}
    delete from {{ this }} where ({{ landed['key'] | join(', ') }}) in (
    {%- for system in _systems_of(landed.systems) %}
      select ({{ landed.records_key | join(', ') }})
      from {{ _relation_of('stg_' ~ system ~ '__' ~ landed.records) }}
      where epoch_us(loaded_at) > {{ mark }}
      {{- ' union all' if not loop.last }}
    {%- else %}
      select ({{ landed['key'] | join(', ') }}) from {{ this }} where false
    {%- endfor %}
    )
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{% macro remember_loaded() -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {%- set landed = model.config.meta.landed -%}
  {{ _remember('(select coalesce(max(epoch_us(loaded_at)), 0) from (' ~ _all_loaded(landed) ~ '))') }}
{%- endmacro %}


{% macro _all_loaded(landed) -%}
  {%- for system in _systems_of(landed.systems) -%}
  select loaded_at from {{ _relation_of('stg_' ~ system ~ '__' ~ landed.records) }}
  {{- ' union all ' if not loop.last }}
  {%- else -%}
  select cast(null as timestamptz) as loaded_at where false
  {%- endfor -%}
{%- endmacro %}


{% macro _systems_of(kind) -%}
  {{ return({'channels': channels(), 'warehouses': warehouses()}.get(kind, [kind])) }}
{%- endmacro %}


{# A model's relation where `ref` cannot be asked for: in hooks. #}
{% macro _relation_of(name) -%}
  {%- for node in graph.nodes.values() if node.name == name and node.resource_type == 'model' -%}
    {{ return(api.Relation.create(node.database, node.schema, node.alias)) }}
  {%- endfor -%}
{%- endmacro %}
