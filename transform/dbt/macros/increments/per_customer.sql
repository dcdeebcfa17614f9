{#
  Per-customer models: the same with `{{ per_customer() }}` and `of_changed_customers(ref('...'))`;
  `int_customer_changes` says in which build each customer last changed.
#}
{% macro per_customer() -%}
  {{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    meta={'starts_over': true},
    pre_hook="{{ forget_changed_customers() }}",
    post_hook="{{ remember_changed_customers() }}",
  ) }}
{%- endmacro %}


{% macro of_changed_customers(relation) -%}
  {%- if not execute -%} {%- do ref('int_customer_changes') -%} {%- endif -%}
  {%- set mark = last_mark() -%}
  {%- if mark is none -%} {{ relation }}
  {%- else -%} (select * from {{ relation }} where customer_id in {{ _changed_customers(mark) }})
  {%- endif -%}
{%- endmacro %}


{% macro forget_changed_customers() -%}
  {%- if is_incremental() and last_mark() is not none -%}
    delete from {{ this }} where customer_id in {{ _changed_customers(last_mark()) }}
  {%- endif -%}
{%- endmacro %}


{% macro remember_changed_customers() -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {{ _remember('(select coalesce(max(build), 0) from ' ~ _relation_of('int_customer_changes') ~ ')') }}
{%- endmacro %}


{% macro _changed_customers(mark) -%}
  (
    select changes.customer_id from {{ _relation_of('int_customer_changes') }} as changes
    where changes.build > {{ mark }}
  )
{%- endmacro %}
