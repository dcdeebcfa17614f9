{# Settings are read while a model is compiled for its run, never while the project is parsed:
   a new value then needs no new parse. #}

{# Business time: the runner's clock, else the system's. #}
{% macro business_now() -%}
  {%- set now = env_var('CROSSDOCK_BUSINESS_NOW', '') if execute else '' -%}
  {%- if now -%} cast('{{ now }}' as timestamptz) {%- else -%} current_timestamp {%- endif -%}
{%- endmacro %}


{#
  When a channel went live, unless its row in `instance_settings` says otherwise. Without any
  answer the sandbox takes every order, anything else none: years of shipped orders must not be
  sent because a setting was forgotten.
#}
{% macro default_go_live_at() -%}
  {%- set named = env_var('CROSSDOCK_GO_LIVE_AT', '') if execute else '' -%}
  {%- set environment = env_var('MELTANO_ENVIRONMENT', 'sandbox') if execute else 'sandbox' -%}
  {%- set default = '-infinity' if environment == 'sandbox' else 'infinity' -%}
  cast('{{ named or default }}' as timestamptz)
{%- endmacro %}


{# How long an order rests before the warehouse may see it. #}
{% macro cooling_off() -%}
  {%- set minutes = env_var('CROSSDOCK_COOLING_OFF_MINUTES', '0') if execute else '0' -%}
  interval '{{ minutes | int }} minutes'
{%- endmacro %}


{# Whether an address that the carriers' directory does not know holds its request. #}
{% macro hold_undeliverable() -%}
  {%- set named = env_var('CROSSDOCK_HOLD_UNDELIVERABLE', 'false') if execute else 'false' -%}
  {{ 'true' if named | lower in ['1', 'true', 'yes', 'on'] else 'false' }}
{%- endmacro %}


{#
  What people decided, from a CSV file in the decisions folder:
  `decisions('sku_map', ['channel', 'channel_sku', 'sku'], required=['channel_sku', 'sku'])`.
  All columns are text. Without the file there are no rows; a file without a required column is an
  error, for its rows would go unheard.
#}
{% macro decisions(name, columns, required=[]) -%}
  {%- set folder = env_var('CROSSDOCK_DECISIONS', '') if execute else '' -%}
  {%- if execute and not folder -%}
    {%- set warehouse = env_var('CROSSDOCK_WAREHOUSE', '.crossdock/warehouse.duckdb') -%}
    {%- set folder = (warehouse.split('/')[:-1] + ['decisions']) | join('/') -%}
  {%- endif -%}
  {%- set file = folder ~ '/' ~ name ~ '.csv' -%}
  {%- set reader = "read_csv('" ~ file ~ "', header = true, all_varchar = true, "
    ~ "null_padding = true)" -%}
  {%- set present = [] -%}
  {%- if execute and run_query("select * from glob('" ~ file ~ "')").rows -%}
    {%- if run_query('select 1 from ' ~ reader ~ ' limit 1').rows -%}
      {%- set described = run_query('describe select * from ' ~ reader).columns[0].values() -%}
      {%- set present = described | map('lower') | list -%}
      {%- for column in required if column not in present -%}
        {%- do exceptions.raise_compiler_error(
          file ~ ' has no column ' ~ column ~ ': its first line must name the columns '
          ~ columns | join(', ')
        ) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
  (select
  {%- for column in columns %}
    {%- set quoted = "\"" ~ column ~ "\"" %}
    {{ 'trim(' ~ quoted ~ ')' if column in present else 'cast(null as varchar)' }} as {{ quoted }}
    {{- ',' if not loop.last }}
  {%- endfor %}
  {{ 'from ' ~ reader if present else 'where false' }})
{%- endmacro %}


{# The accounts of a destination system, one row each with its `instance`. #}
{% macro destinations(system) -%}
  {%- set found = instances(system) if execute else [] -%}
  (
  {%- for instance in found %}
    select '{{ instance }}' as instance{{ ' union all' if not loop.last }}
  {%- else %}
    select cast(null as varchar) as instance where false
  {%- endfor %}
  )
{%- endmacro %}
