{# Which systems' words and orders the models of orders ask for. #}

{# The accounts of all channels, one row each: `instance`, `system`. #}
{% macro channel_accounts() -%}
  {%- set found = [] -%}
  {%- for system in channels() if execute -%}
    {%- for instance in instances(system) -%}
      {%- do found.append("select '" ~ instance ~ "' as instance, '" ~ system ~ "' as system") -%}
    {%- endfor -%}
  {%- endfor -%}
  ({{ found | join(' union all ')
      or 'select cast(null as varchar) as instance, cast(null as varchar) as system where false' }})
{%- endmacro %}


{# The syncs that bring orders into a warehouse, as the journal names them: `sync in (...)`. #}
{% macro warehouse_order_syncs() -%}
  {%- set names = [] -%}
  {%- for system in warehouses() -%}
    {%- do names.append("'sync_" ~ system ~ "__orders'") -%}
  {%- endfor -%}
  ({{ names | join(', ') or 'null' }})
{%- endmacro %}


{# A time for people where they are: `2026-11-20 13:00 Europe/Berlin`. #}
{% macro local_time_label(expression, time_zone) -%}
  strftime(timezone({{ time_zone }}, {{ expression }}), '%Y-%m-%d %H:%M ') || {{ time_zone }}
{%- endmacro %}


{# The moment at which a day begins where an account is. #}
{% macro start_of_day(day, time_zone) -%}
  timezone({{ time_zone }}, cast({{ day }} as timestamp))
{%- endmacro %}


{# How alike two short names are, 0 to 1, whatever their case. #}
{% macro name_likeness(left_name, right_name) -%}
  coalesce(jaro_winkler_similarity(lower({{ left_name }}), lower({{ right_name }})), 0)
{%- endmacro %}
