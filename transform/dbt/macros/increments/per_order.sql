{#
  Per-order models: `{{ per_order() }}` first of all, and `of_changed_orders(ref('...'))` where they
  read. `key` is their column that `int_order_changes` knows as `order_id`; with `of_people` they are
  also built again where the customer of an order is another one.
#}
{% macro per_order(key='order_id', of_people=false) -%}
  {{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    meta={'starts_over': true},
    pre_hook="{{ forget_changed_orders('" ~ key ~ "', " ~ of_people ~ ") }}",
    post_hook="{{ remember_changed_orders(" ~ of_people ~ ") }}",
  ) }}
{%- endmacro %}


{# The rows of a model, or in a later build those of the orders that changed since. #}
{% macro of_changed_orders(relation, column='order_id', of_people=false) -%}
  {#- A reference to build it before; unit tests know only what they are given. -#}
  {%- if not execute -%} {%- do ref(_changes_model(of_people)) -%} {%- endif -%}
  {%- set mark = last_mark() -%}
  {%- if mark is none -%} {{ relation }}
  {%- else -%}
  (
        select *
        from {{ relation }}
        where {{ column }} in (
            select changes.order_id from {{ _relation_of(_changes_model(of_people)) }} as changes
            where changes.build > {{ mark }}
        )
    )
  {%- endif -%}
{%- endmacro %}


{% macro _changes_model(of_people) -%}
  {{ return('int_order_and_people_changes' if of_people else 'int_order_changes') }}
{%- endmacro %}


{# Before a per-order model is built: what it holds of changed orders goes. #}
{% macro forget_changed_orders(column='order_id', of_people=false) -%}
  {%- if is_incremental() -%}
    {%- set mark = last_mark() -%}
    {%- if mark is not none %}
    delete from {{ this }} where {{ column }} in (
      select changes.order_id from {{ _relation_of(_changes_model(of_people)) }} as changes
      where changes.build > {{ mark }}
    )
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{% macro remember_changed_orders(of_people=false) -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {{ _remember('(select coalesce(max(build), 0) from ' ~ _relation_of(_changes_model(of_people)) ~ ')') }}
{%- endmacro %}
