{#
  What of a large table has to be built anew.

  Two kinds of models grow with history. *Landed* ones take in what a staging model parses, by the
  time at which it was loaded. *Per-order* ones hold rows of orders: `int_order_changes` says in
  which build each order last changed, and each model remembers up to which build it has come. Both
  start over when what they are made of changed: the project's files, its seeds or its settings.
#}


{# Everything but data that rows depend on, as one hash: reckoned once in a run, `graph` is its own. #}
{% macro project_version() -%}
  {%- if 'project_version' not in graph -%}
    {%- do graph.update({'project_version': _project_version()}) -%}
  {%- endif -%}
  {{ return(graph.project_version) }}
{%- endmacro %}


{% macro _project_version() -%}
  {%- set parts = [
    env_var('CROSSDOCK_MACROS_VERSION', ''), env_var('MELTANO_ENVIRONMENT', ''),
    env_var('CROSSDOCK_GO_LIVE_AT', ''), env_var('CROSSDOCK_COOLING_OFF_MINUTES', ''),
    env_var('CROSSDOCK_HOLD_UNDELIVERABLE', ''), env_var('CROSSDOCK_INSTANCES', ''), channels() | join(' '), warehouses() | join(' '),
    carriers() | join(' '),
  ] -%}
  {%- for node in graph.nodes.values()
    if node.resource_type in ('model', 'seed') and node.checksum -%}
    {%- do parts.append(node.name ~ node.checksum.checksum) -%}
  {%- endfor -%}
  {{ return(local_md5(parts | sort | join('|'))) }}
{%- endmacro %}


{# Whether this build goes on from an earlier one; a unit test never does. #}
{% macro builds_on() -%}
  {{ return(execute and model.resource_type == 'model' and is_incremental()) }}
{%- endmacro %}


{#
  How far a model has come: its last mark, or none if it has to start over. `also` is a version of
  what else it depends on.
#}
{% macro last_mark(also='') -%}
  {%- if not builds_on() -%} {{ return(none) }} {%- endif -%}
  {%- set found = mark_of_this() -%}
  {%- if found is not none and found.also == also -%} {{ return(found.mark) }} {%- endif -%}
  {{ return(none) }}
{%- endmacro %}


{# The mark of the model being built, asked for once; none if there is none of this project. #}
{% macro mark_of_this() -%}
  {%- if 'found_mark' not in model -%}
    {%- set found = run_query(
      "select mark, version from _crossdock.model_marks where model = '" ~ model.name
      ~ "' and split_part(version, ':', 1) = '" ~ project_version()
      ~ "' order by marked_at desc limit 1"
    ).rows -%}
    {%- do model.update({'found_mark': {
      'mark': found[0][0], 'also': found[0][1].partition(':')[2],
    } if found else none}) -%}
  {%- endif -%}
  {{ return(model.found_mark) }}
{%- endmacro %}


{% macro make_marks() -%}
  create schema if not exists _crossdock;
  create table if not exists _crossdock.model_marks (
    model varchar, mark bigint, version varchar, marked_at timestamptz
  )
{%- endmacro %}


{# Only the last marks count. #}
{% macro prune_marks() -%}
  delete from _crossdock.model_marks
  where (model, marked_at) not in (
    select (model, max(marked_at)) from _crossdock.model_marks group by model
  )
{%- endmacro %}


{% macro _remember(mark, also='') -%}
  insert into _crossdock.model_marks
  select
    '{{ model.name }}', {{ mark }}, '{{ project_version() }}:{{ also }}', get_current_timestamp()
{%- endmacro %}


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


{# The changes of orders #}


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
