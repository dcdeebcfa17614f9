{#
  How far a model has come. Models that grow with history build what changed since (landed.sql,
  per_order.sql, per_customer.sql); they start over when what they are made of changed: the
  project's files, its seeds or its settings.
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


{# The mark of the model being built; none if this project has not built it yet. #}
{% macro mark_of_this() -%}
  {{ return(_marks().get(model.name)) }}
{%- endmacro %}


{# All marks that this project left before this run, asked for once. #}
{% macro _marks() -%}
  {%- if 'marks' not in graph -%}
    {%- set marks = {} -%}
    {%- set found = run_query(
      "select model, arg_max(mark, marked_at), arg_max(version, marked_at)"
      ~ " from _crossdock.model_marks where split_part(version, ':', 1) = '" ~ project_version()
      ~ "' group by model"
    ) -%}
    {%- for name, mark, version in found.rows -%}
      {%- do marks.update({name: {'mark': mark, 'also': version.partition(':')[2]}}) -%}
    {%- endfor -%}
    {%- do graph.update({'marks': marks}) -%}
  {%- endif -%}
  {{ return(graph.marks) }}
{%- endmacro %}


{% macro make_marks() -%}
  create schema if not exists _crossdock;
  create table if not exists _crossdock.model_marks (
    model varchar, mark bigint, version varchar, marked_at timestamptz
  )
{%- endmacro %}


{#
  After a run: tables and views without a mark of their own get one, so that the next run of the
  same project need not compare their columns again, nor write the same view.
#}
{% macro mark_built(results) -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {%- set rows = [] -%}
  {%- for result in results
    if result.node.resource_type == 'model' and result.status == 'success'
    and result.node.config.materialized in ('table', 'view') -%}
    {%- do rows.append(
      "('" ~ result.node.name ~ "', 0, '" ~ project_version() ~ ":"
      ~ text_mark(result.node) ~ "', get_current_timestamp())"
    ) -%}
  {%- endfor -%}
  {%- if rows -%} insert into _crossdock.model_marks values {{ rows | join(', ') }} {%- endif -%}
{%- endmacro %}


{# What tells whether a view would be written with the same text. #}
{% macro text_mark(node) -%}
  {{ return(local_md5(node.compiled_code or '') if node.config.materialized == 'view' else '') }}
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
