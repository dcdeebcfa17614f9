{#
  What people decided, from sheets of that name:
  `decisions('sku_map', ['channel', 'channel_sku', 'sku'], required=['channel_sku', 'sku'])`.
  All columns are text. Without a sheet there are no rows.

  tap-decisions reads the sheets, CSV or XLSX, wherever they lie. A CSV file in the decisions folder
  that it has not looked at since it was written (or never, if no job runs the tap) is read as it
  stands, in place of what the tap knows of it: so a decision counts in the next run of any job.
#}
{% macro decisions(name, columns, required=[]) -%}
  {%- set landed = _landed_sheets() if execute else [] -%}
  {%- set newer = _newer_file(name, columns, required, landed) if execute else none -%}
  {%- set selects = [_decided_nothing(columns)] -%}
  {%- if newer -%}
    {%- do selects.append(_decided_in_file(newer, columns)) -%}
  {%- endif -%}
  {%- for sheets in landed -%}
    {%- do selects.append(_decided_in_sheets(sheets, name, columns, newer)) -%}
  {%- endfor -%}
  ({{ selects | join('\n    union all\n    ') }})
{%- endmacro %}


{# The tables of sheets that tap-decisions has landed, by their schemas. #}
{% macro _landed_sheets() -%}
  {{ return(run_query(
    "select schema_name from duckdb_tables() where table_name = 'sheets'"
    ~ " and starts_with(schema_name, 'raw_decisions_') order by schema_name"
  ).columns[0].values() | list) }}
{%- endmacro %}


{#
  The CSV file of a sheet with the columns that are there, unless the tap has seen it as it is. A
  file without a required column is an error, for its rows would go unheard; but where the tap looks
  after it, what was good before counts until somebody mends it.
#}
{% macro _newer_file(name, columns, required, landed) -%}
  {%- set path = _decisions_folder() ~ '/' ~ name ~ '.csv' -%}
  {%- set seen = ['select cast(null as timestamptz) as seen_at where false'] -%}
  {%- for schema in landed -%}
    {%- do seen.append(
      'select max(started_at) from ' ~ schema ~ "._crossdock_end where stream = 'sheets'"
    ) -%}
  {%- endfor -%}
  {%- set found = run_query(
    "select 1 from read_blob('" ~ path ~ "')"
    ~ " where last_modified + interval 1 second > coalesce((select max(seen_at) from ("
    ~ seen | join(' union all ') ~ ")), cast('-infinity' as timestamptz))"
  ).rows if run_query("select 1 from glob('" ~ path ~ "')").rows else [] -%}
  {%- set reader = "read_csv('" ~ path ~ "', header = true, all_varchar = true, "
    ~ "null_padding = true)" -%}
  {%- if found and run_query('select 1 from ' ~ reader ~ ' limit 1').rows -%}
    {%- set described = run_query('describe select * from ' ~ reader).columns[0].values() -%}
    {%- set present = described | map('lower') | list -%}
    {%- set missing = required | reject('in', present) | list -%}
    {%- if not missing -%}
      {{ return({'file': name ~ '.csv', 'reader': reader, 'present': present}) }}
    {%- elif not landed -%}
      {%- do exceptions.raise_compiler_error(
        path ~ ' has no column ' ~ missing[0] ~ ': its first line must name the columns '
        ~ columns | join(', ')
      ) -%}
    {%- endif -%}
  {%- elif found -%}
    {{ return({'file': name ~ '.csv', 'reader': none, 'present': []}) }}
  {%- endif -%}
  {{ return(none) }}
{%- endmacro %}


{% macro _decisions_folder() -%}
  {%- set folder = env_var('CROSSDOCK_DECISIONS', '') -%}
  {%- set warehouse = env_var('CROSSDOCK_WAREHOUSE', '.crossdock/warehouse.duckdb') -%}
  {{ return(folder or (warehouse.split('/')[:-1] + ['decisions']) | join('/')) }}
{%- endmacro %}


{% macro _decided_nothing(columns) -%}
  select
  {%- for column in columns %}
      cast(null as varchar) as "{{ column }}"{{ ',' if not loop.last }}
  {%- endfor %}
    where false
{%- endmacro %}


{% macro _decided_in_file(newer, columns) -%}
  select
  {%- for column in columns %}
      {{ 'trim("' ~ column ~ '")' if column in newer.present else 'cast(null as varchar)' }}
    {{- ',' if not loop.last }}
  {%- endfor %}
    {{ 'from ' ~ newer.reader if newer.reader else 'where false' }}
{%- endmacro %}


{% macro _decided_in_sheets(schema, name, columns, newer) -%}
  select
  {%- for column in columns %}
      trim({{ json_text('decided', '"' ~ column ~ '"') }}){{ ',' if not loop.last }}
  {%- endfor %}
    from (
      select {{ unnest_json('"rows"') }} as decided
      from {{ schema }}.sheets
      where sheet = '{{ name }}' and "_sdc_deleted_at" is null
      {%- if newer %} and file <> '{{ newer.file }}'{% endif %}
    )
{%- endmacro %}
