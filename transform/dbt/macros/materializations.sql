{#
  How models are written, in as few statements as DuckDB needs: a table or view is replaced in one,
  where dbt's own way is to build beside it, to rename twice and to drop. A run of all models when
  nothing changed is mostly such statements.
#}


{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set beside = make_intermediate_relation(target) -%}
  {{ run_hooks(pre_hooks) }}
  {%- if model.language == 'python' -%}
    {% call statement('python', language='python') -%}
      {{ create_table_as(False, beside, compiled_code, 'python') }}
    {%- endcall %}
  {%- endif -%}
  {%- do replace_table(target, rows_of_model(beside)) -%}
  {%- do drop_beside(beside) -%}
  {{ run_hooks(post_hooks) }}
  {%- do persist_docs(target, model) -%}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
  {%- set target = this.incorporate(type='view') -%}
  {{ run_hooks(pre_hooks) }}
  {%- set mark = mark_of_this() -%}
  {%- if has_kind(target) and mark is not none and mark.also == local_md5(compiled_code) -%}
    {% call noop_statement('main', 'AS BEFORE') -%} {%- endcall %}
  {%- else -%}
    {%- do drop_other_kind(target) -%}
    {% call statement('main') -%}
      create or replace view {{ target }} as (
      {{ compiled_code }}
      )
    {%- endcall %}
  {%- endif -%}
  {{ run_hooks(post_hooks) }}
  {%- do persist_docs(target, model) -%}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#
  A model that goes on from what it holds. With a `unique_key` rows replace those of the same key,
  else they are added. Under `meta: {starts_over: true}` it is replaced whenever it has no mark
  (increments/marks.sql).
#}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set beside = make_intermediate_relation(target) -%}
  {{ run_hooks(pre_hooks) }}
  {%- if model.language == 'python' -%}
    {% call statement('python', language='python') -%}
      {{ create_table_as(False, beside, compiled_code, 'python') }}
    {%- endcall %}
  {%- endif -%}
  {%- if goes_on() -%} {%- do add_rows(target, rows_of_model(beside)) -%}
  {%- else -%} {%- do replace_table(target, rows_of_model(beside)) -%}
  {%- endif -%}
  {%- do drop_beside(beside) -%}
  {{ run_hooks(post_hooks) }}
  {%- do persist_docs(target, model) -%}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% macro goes_on() -%}
  {%- set is_marked = mark_of_this() is not none -%}
  {{ return(is_incremental() and (is_marked or not config.get('meta', {}).get('starts_over'))) }}
{%- endmacro %}


{# What is to be written: dbt runs Python only for a materialization, so that stands in a table. #}
{% macro rows_of_model(beside) -%}
  {{ return('from ' ~ beside if model.language == 'python' else compiled_code) }}
{%- endmacro %}


{% macro drop_beside(beside) -%}
  {%- if model.language == 'python' -%} {%- do run_query('drop table ' ~ beside) -%} {%- endif -%}
{%- endmacro %}


{% macro replace_table(target, rows) -%}
  {%- do drop_other_kind(target) -%}
  {%- if config.get('contract').enforced -%}
    {%- if mark_of_this() is none or not has_kind(target) -%}
      {%- do get_assert_columns_equivalent(rows) -%}
    {%- endif -%}
    {% call statement('main') -%}
      create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
      insert into {{ target }} {{ get_column_names() }} (
      {{ get_select_subquery(rows) }}
      )
    {%- endcall %}
  {%- else -%}
    {% call statement('main') -%}
      create or replace table {{ target }} as (
      {{ rows }}
      )
    {%- endcall %}
  {%- endif -%}
{%- endmacro %}


{# What a model of the same SQL built before has the same columns; else they are compared. #}
{% macro add_rows(target, rows) -%}
  {%- set keys = config.get('unique_key') or [] -%}
  {%- set keys = [keys] if keys is string else keys -%}
  {%- set is_same = mark_of_this() is not none or config.get('on_schema_change') == 'fail' -%}
  {%- if is_same and not keys -%}
    {% call statement('main') -%}
      insert into {{ target }} by name (
      {{ rows }}
      )
    {%- endcall %}
  {%- else -%}
    {%- set new = make_temp_relation(target) -%}
    {%- do run_query(create_table_as(True, new, rows)) -%}
    {%- do process_schema_changes(config.get('on_schema_change', 'fail'), new, target) -%}
    {% call statement('main') -%} {{ replace_rows(target, new, keys) }} {%- endcall %}
  {%- endif -%}
{%- endmacro %}


{% macro replace_rows(target, new, keys) -%}
  {%- set new = new.include(database=false, schema=false) -%}
  {%- if keys -%}
    delete from {{ target }} where ({{ keys | join(', ') }}) in (
      select ({{ keys | join(', ') }}) from {{ new }}
    );
  {%- endif %}
  insert into {{ target }} by name from {{ new }};
  drop table {{ new }}
{%- endmacro %}


{# Whether there is such a table, or such a view. #}
{% macro has_kind(target) -%}
  {%- set existing = load_cached_relation(target) -%}
  {{ return(existing is not none and existing.type == target.type) }}
{%- endmacro %}


{# A table cannot replace a view, nor a view a table. #}
{% macro drop_other_kind(target) -%}
  {%- set existing = load_cached_relation(target) -%}
  {%- if existing is not none and existing.type != target.type -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
{%- endmacro %}
