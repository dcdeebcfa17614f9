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


{#
  What kind of system an account is of, as the seed `authority` names kinds. The gate's own word is
  of `crossdock`.
#}
{% macro system_kind(instance) -%}
  case
  {%- for kind, systems in {
    'channel': channels(), 'wms': warehouses(), 'carrier': carriers(), 'crm': ['hubspot'],
    'crossdock': ['crossdock'],
  }.items() if systems %}
    when split_part({{ instance }}, ':', 1) in ('{{ systems | join("', '") }}') then '{{ kind }}'
  {%- endfor %}
    else 'other'
  end
{%- endmacro %}


{#
  The states that an order is in before and after each claim: `claims` is the list of the claims'
  ranks in order, 0 for one that moves nothing; `allowed` the list, from rank 0 on, of the ranks
  that may follow, as bits. The answer begins with 0, no state, and has one entry more than claims.
#}
{% macro fold_states(claims, allowed) -%}
  list_reduce(
    list_transform(list_prepend(0, {{ claims }}), lambda claim: [cast(claim as bigint)]),
    lambda states, claim: list_append(
      states,
      case
        when claim[1] > 0 and ({{ allowed }}[states[-1] + 1] >> claim[1]) & 1 = 1 then claim[1]
        else states[-1]
      end
    )
  )
{%- endmacro %}
