{#
  How each data test of this command ended, into `reconciliation.check_results`, one row per
  test: the page must tell a check that passed from one that did not run.
#}
{% macro record_checks(results) -%}
  {%- set rows = [] -%}
  {%- if execute -%}
    {%- for result in results if result.node.resource_type == 'test' -%}
      {%- do rows.append(_check_row(result)) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if rows -%}
    {%- set relation = 'reconciliation.check_results' -%}
    create schema if not exists reconciliation;
    create table if not exists {{ relation }} (
      check_id varchar primary key, status varchar, failures bigint, message varchar,
      ran_at timestamptz, business_at timestamptz
    );
    insert or replace into {{ relation }} values
    {{ rows | join(',\n    ') }};
  {%- endif -%}
{%- endmacro %}


{% macro _check_row(result) -%}
  ({{ _quoted(result.node.unique_id) }}, {{ _quoted(result.status | string) }},
  {{ 'null' if result.failures is none else result.failures }},
  {{ _quoted((result.message or '')[:300]) }},
  cast('{{ run_started_at }}' as timestamptz), {{ business_now() }})
{%- endmacro %}


{% macro _quoted(text) -%}
  '{{ text | replace("'", "''") }}'
{%- endmacro %}
