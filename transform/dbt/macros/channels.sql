{#
  The systems that sell, as CROSSDOCK_CHANNELS lists them in meltano.yml. Read while the project is
  parsed, unlike other settings: it decides which staging models the channels' models hang on.
#}
{% macro channels() -%}
  {%- set named = env_var('CROSSDOCK_CHANNELS', 'shopify') | replace(',', ' ') -%}
  {{ return(named.split()) }}
{%- endmacro %}


{# The systems that ship, as CROSSDOCK_WAREHOUSES lists them; the same holds of it. #}
{% macro warehouses() -%}
  {%- set named = env_var('CROSSDOCK_WAREHOUSES', 'shiphero') | replace(',', ' ') -%}
  {{ return(named.split()) }}
{%- endmacro %}


{# The systems that follow parcels on their way, as CROSSDOCK_CARRIERS lists them; likewise. #}
{% macro carriers() -%}
  {%- set named = env_var('CROSSDOCK_CARRIERS', 'easypost') | replace(',', ' ') -%}
  {{ return(named.split()) }}
{%- endmacro %}


{# The channels that are told what left, as CROSSDOCK_TOLD_CHANNELS lists them; likewise. #}
{% macro told_channels() -%}
  {%- set named = env_var('CROSSDOCK_TOLD_CHANNELS', '') | replace(',', ' ') -%}
  {{ return(named.split()) }}
{%- endmacro %}


{# One object of all channels: `channel_union('orders')`. #}
{% macro channel_union(object) -%}
  {{ staging_union(channels(), object) }}
{%- endmacro %}


{# One object of all systems that ship: `warehouse_union('shipments')`. #}
{% macro warehouse_union(object) -%}
  {{ staging_union(warehouses(), object) }}
{%- endmacro %}


{# One object of all systems that follow parcels: `carrier_union('trackers')`. #}
{% macro carrier_union(object) -%}
  {{ staging_union(carriers(), object) }}
{%- endmacro %}


{#
  One object of several systems: the rows of `stg_<system>__<object>` of each, with exactly the
  columns that the model's own .yml declares. A column that a system does not have is null, one
  that the contract does not know stays behind.
#}
{% macro staging_union(systems, object) -%}
  {%- set branches = [_typed_nothing(model.columns)] -%}
  {%- for system in systems -%}
    {%- do branches.append('select * from ' ~ _landing(ref('stg_' ~ system ~ '__' ~ object), object)) -%}
  {%- endfor -%}
  select
  {%- for column in model.columns.values() %}
    {{ _contract_value(column) }} as {{ column.name }}{{ ',' if not loop.last }}
  {%- else %}
    *
  {%- endfor %}
  from (
    {{ branches | join('\n    union all by name\n    ') }}
  )
{%- endmacro %}


{# A column of the contract: the systems' own, or an id of ours that is made of such (`id_of`). #}
{% macro _contract_value(column) -%}
  {%- set id_of = (column.config.meta or {}).id_of -%}
  {%- if id_of -%} {{ canonical_id(id_of[0], *id_of[1:]) }}
  {%- else -%} cast({{ column.name }} as {{ column.data_type }})
  {%- endif -%}
{%- endmacro %}


{# A landed model takes in what was loaded since, and of the records those that are still there. #}
{% macro _landing(relation, object) -%}
  {%- set landed = model.config.meta.landed if execute else none -%}
  {%- if landed -%} {{ loaded_since(relation) }}
    {%- if landed.records == object and 'is_gone' not in model.columns %} where not is_gone {%- endif -%}
  {%- else -%} {{ relation }}
  {%- endif -%}
{%- endmacro %}


{% macro _typed_nothing(columns) -%}
  select
  {%- for column in columns.values() %}
      cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
  {%- else %}
      null as nothing
  {%- endfor %}
    where false
{%- endmacro %}


{# What a system's staging says of an object that the system does not have: customers, listings. #}
{% macro without_rows() -%}
  select cast(null as varchar) as source_instance where false
{%- endmacro %}


{#
  What an account is called where its own number is not enough, in order numbers and as a shop of
  the WMS: `mailbox:main` is `mailbox`, `mailbox:north` is `mailbox-north`.
#}
{% macro instance_handle(instance) -%}
  replace(regexp_replace({{ instance }}, ':main$', ''), ':', '-')
{%- endmacro %}


{# Our number of an order, which begins with the name of its channel: `shop_1001`. #}
{% macro source_order_id(orders, settings) -%}
  concat(
    coalesce(
      {{ settings }}.source_prefix, {{ orders }}.source_prefix,
      {{ instance_handle(orders ~ '.source_instance') }}
    ), '_', {{ orders }}.source_id
  )
{%- endmacro %}


{# How a channel names what it sells: its SKU, and for want of one its title. #}
{% macro channel_sku(sku, other_sku, title) -%}
  coalesce(
    nullif(trim({{ sku }}), ''), nullif(trim({{ other_sku }}), ''), 'no SKU: ' || {{ title }}
  )
{%- endmacro %}


{# Systems with an account and a channel's staging models that CROSSDOCK_CHANNELS leaves out. #}
{% macro unlisted_channels() -%}
  {%- set found = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
    {%- set parts = node.name.split('__') -%}
    {%- set system = parts[0][4:] -%}
    {%- if node.name.startswith('stg_') and parts[1:] == ['fulfillment_requests']
      and system not in channels() and instances(system) -%}
      {%- do found.append(system) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}


{#
  Whether a system has an account here, for `config(enabled=...)` of what only such a system needs;
  read while the project is parsed. A system that is listed without an account has no rows.
#}
{% macro has_account(system) -%}
  {{ return(
    system in channels() + warehouses() + carriers() or instances(system) | length > 0
  ) }}
{%- endmacro %}
