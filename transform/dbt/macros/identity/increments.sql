{#
  Who is who is kept, and only what changed is looked at again. `int_identity__records` numbers the
  builds in which a record came or changed; what follows takes in the builds after its own mark.
  All of it starts over when the project's files, seeds or settings changed.
#}


{#
  How far a model has come. It starts over also with another version of DuckDB, whose hashes may be
  others, and, but for the records themselves, of the parser that reads telephone numbers.
#}
{% macro people_mark(reads_phones=true) -%}
  {%- if not execute or not is_incremental() -%} {{ return(none) }} {%- endif -%}
  {{ return(last_mark(_people_version(reads_phones))) }}
{%- endmacro %}


{% macro _people_version(reads_phones=true) -%}
  {%- set asked = ['select version()'] -%}
  {%- if reads_phones -%}
    {%- do asked.append('select max(parser) from ' ~ _relation_of('int_identity__phones')) -%}
  {%- endif -%}
  {%- set parts = [] -%}
  {%- for query in asked -%}
    {%- do parts.append(run_query(query).columns[0].values()[0] or '') -%}
  {%- endfor -%}
  {{ return(parts | join(' ')) }}
{%- endmacro %}


{# What was loaded since the last build; everything where there is no mark. #}
{% macro people_since(relation) -%}
  {%- set mark = people_mark(reads_phones=false) -%}
  {%- if mark is none -%} {{ relation }}
  {%- else -%} (select * from {{ relation }} where epoch_us(loaded_at) > {{ mark }})
  {%- endif -%}
{%- endmacro %}


{# Before records are taken in: orders that are no guest's any more, and whom no order names, go. #}
{% macro forget_records() -%}
  {%- if not is_incremental() -%} select 1
  {%- else -%}
    {%- set orders = _relation_of('int_channels__orders') -%}
    delete from {{ this }}
    {%- if people_mark(reads_phones=false) is not none %}
    where
      (
        source_object = 'order'
        and (source_instance, source_id) not in (
          select (source_instance, source_id) from {{ orders }} where customer_source_id is null
        )
      )
      or (
        is_provisional
        and (source_instance, source_id) not in (
          select (source_instance, customer_source_id) from {{ orders }}
          where customer_source_id is not null
        )
      )
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{% macro remember_records() -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {%- set newest = [] -%}
  {%- for name in ['int_channels__customers', 'int_channels__orders', 'stg_hubspot__contacts'] -%}
    {%- do newest.append('(select max(epoch_us(loaded_at)) from ' ~ _relation_of(name) ~ ')') -%}
  {%- endfor -%}
  {{ _remember('coalesce(greatest(' ~ newest | join(', ') ~ '), 0)', _people_version(reads_phones=false)) }}
{%- endmacro %}


{# The rows of `relation` that came or changed in a build after this model's mark. #}
{% macro built_since(relation) -%}
  {%- set mark = people_mark() -%}
  {%- if mark is none -%} {{ relation }}
  {%- else -%} (select * from {{ relation }} where build > {{ mark }})
  {%- endif -%}
{%- endmacro %}


{# Up to which build of the records this model has come. #}
{% macro remember_build() -%}
  {%- if not execute -%} {{ return('') }} {%- endif -%}
  {{ _remember(
    '(select coalesce(max(build), 0) from ' ~ _relation_of('int_identity__records') ~ ')',
    _people_version(),
  ) }}
{%- endmacro %}


{# Before keys are made: those of records that are no more go; all, where it starts over. #}
{% macro forget_record_keys() -%}
  {%- if not is_incremental() -%} select 1
  {%- else -%}
    delete from {{ this }}
    {%- if people_mark() is not none %}
    where record_id not in (select record_id from {{ _relation_of('int_identity__records') }})
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{#
  Before blocks are made: those of profiles that nobody says any more are marked as gone, in a
  build of their own, so that whoever was compared with them is looked at again.
#}
{% macro forget_blocks() -%}
  {%- if not is_incremental() -%} select 1
  {%- elif people_mark() is none -%} delete from {{ this }}
  {%- else -%}
    update {{ this }}
    set
      is_gone = true,
      build = (select max(build) from {{ _relation_of('int_identity__records') }})
    where
      not is_gone
      and profile_id not in (
        select profile_id from {{ _relation_of('int_identity__record_keys') }}
      )
  {%- endif -%}
{%- endmacro %}


{# Profiles that share a block with one that came or went since the last build. #}
{% macro touched_profiles(blocks, column='profile_number') -%}
  (
    select distinct touched.{{ column }}
    from {{ blocks }} as touched
    where touched.block in (
      select changed.block from {{ blocks }} as changed where changed.build > {{ people_mark() }}
    )
  )
{%- endmacro %}


{# Before profiles are compared: what was found out between two that are touched goes. #}
{% macro forget_comparisons() -%}
  {%- if not is_incremental() -%} select 1
  {%- elif people_mark() is none -%} delete from {{ this }}
  {%- else -%}
    {%- set touched = touched_profiles(_relation_of('int_identity__blocks'), 'profile_id') -%}
    delete from {{ this }}
    where left_profile_id in {{ touched }} and right_profile_id in {{ touched }}
  {%- endif -%}
{%- endmacro %}


{# The number of a build that nothing was before, not even the column in which it stands. #}
{% macro first_build() -%}
  epoch_us(get_current_timestamp())
{%- endmacro %}
