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
