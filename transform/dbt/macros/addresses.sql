{#
  Postal addresses. What an address is compared by is its `address_key`: written in two ways, with
  its unit ("Apt 4", "#4") in either line, it has one key. `address_keyed` makes it.
#}

{# The id of one way of writing an address: of its texts alone, so that each is read once. #}
{% macro written_id(prefix='') -%}
  {%- set parts = [] -%}
  {%- for part in written_parts() -%}
    {%- do parts.append("coalesce(trim(" ~ prefix ~ part ~ "), '')") -%}
  {%- endfor -%}
  cast(md5(concat_ws(chr(31), {{ parts | join(', ') }})) as uuid)
{%- endmacro %}


{% macro written_parts() -%}
  {{ return([
    'line1', 'line2', 'city', 'region', 'region_code', 'postal_code', 'country', 'country_code',
  ]) }}
{%- endmacro %}


{# The texts of a written address without blanks around them; empty is null. #}
{% macro trimmed_parts(prefix='') -%}
  {%- for part in written_parts() %}
    nullif(trim({{ prefix }}{{ part }}), '') as {{ part }}{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}


{#
  A unit, or several ("Bldg 2 Apt 4"), as a regular expression. In the United States and Canada
  short forms count that mean something else in other languages (Ste is a saint there, # a house
  number).
#}
{% macro unit_pattern(is_american) -%}
  {%- set words = 'apartment|apt|unit|suite|flat' ~ (
    '|appartment|ste|room|rm|building|bldg|trailer|trlr|lot|space|spc|dept|hangar|hngr|slip|pier'
    ~ '|penthouse|ph' if is_american else ''
  ) -%}
  {%- set value = '#?\\s*(?:[0-9]{1,4}[a-z]?|[a-z](?:-?[0-9]{1,4})?)(?:-[0-9a-z]{1,4})?' -%}
  {%- set ways = ['(?:' ~ words ~ ')\\b[.:]?\\s*' ~ value] -%}
  {%- if is_american -%}
    {%- do ways.append('(?:floor|fl)\\b\\.?\\s*[0-9]{1,3}') -%}
    {%- do ways.append('#\\s*[0-9a-z][0-9a-z-]{0,5}') -%}
  {%- endif -%}
  {%- set one = '(?:' ~ ways | join('|') ~ ')' -%}
  {{ return(one ~ '(?:[\\s,]+' ~ one ~ ')*') }}
{%- endmacro %}


{#
  A line by its parts, `street` and `unit`; both are empty without a unit. The unit stands at the
  end, behind a street that has a word, or in front of the house number.
#}
{% macro line_with_unit(line, pattern, in_front=false) -%}
  {%- if in_front -%}
    regexp_extract({{ line }}, '^({{ pattern }})\s*,\s*([0-9].*)$', ['unit', 'street'], 'i')
  {%- else -%}
    regexp_extract(
      {{ line }}, '^(.*\pL{2}.*?)[\s,]+({{ pattern }})[.,\s]*$', ['street', 'unit'], 'i'
    )
  {%- endif -%}
{%- endmacro %}


{# Which unit it is, whatever it is called: "Apt. 4", "Unit 4" and "#4" are one door. #}
{% macro unit_key(unit_words) -%}
  nullif(replace(regexp_replace(
    regexp_replace(
      {{ unit_words }}, '\b(apartment|appartment|apt|unit|suite|ste|flat|room|rm)\b', '', 'g'
    ),
    '\b(fl|b|tr)(?:oor|ldg|uilding|lr|ailer)\b', '\1', 'g'
  ), ' ', ''), '')
{%- endmacro %}


{# A unit in its usual short form: "Apartment 4b" is "Apt 4B". #}
{% macro unit_written(unit) -%}
  {%- set written = namespace(sql="regexp_replace(upper(" ~ unit ~ "), '[\\s,.:]+', ' ', 'g')") -%}
  {%- for words, short in [
    ('APARTMENT|APPARTMENT|APT', 'Apt'), ('UNIT', 'Unit'), ('SUITE|STE', 'Ste'), ('FLAT', 'Flat'),
    ('ROOM|RM', 'Rm'), ('FLOOR|FL', 'Fl'), ('BUILDING|BLDG', 'Bldg'), ('TRAILER|TRLR', 'Trlr'),
    ('LOT', 'Lot'), ('SPACE|SPC', 'Spc'), ('DEPT', 'Dept'), ('HANGAR|HNGR', 'Hngr'),
    ('SLIP', 'Slip'), ('PIER', 'Pier'), ('PENTHOUSE|PH', 'Ph'),
  ] -%}
    {%- set written.sql = "regexp_replace(" ~ written.sql ~ ", '\\b(?:" ~ words
      ~ ")\\b ?#? ?', '" ~ short ~ " ', 'g')" -%}
  {%- endfor -%}
  trim(regexp_replace({{ written.sql }}, '# ', '#', 'g'))
{%- endmacro %}


{#
  The rows of a relation, which has the columns of `written_parts` and knows its `country_code`,
  with `street` and `unit` apart, what else stood in the second line (`further`), and
  `address_key`, by which addresses are compared.
#}
{% macro address_keyed(relation) -%}
  select
    worded.* exclude (alone, behind, before, street_words, unit_words, city_words, places),
    concat_ws(
      '|',
      coalesce({{ place_key('street_words', 'places') }}, ''),
      coalesce({{ unit_key('unit_words') }}, ''),
      coalesce({{ place_key('city_words', 'places') }}, ''),
      -- Without a postal code it takes the region to tell Springfield from Springfield.
      coalesce(
        {{ postal_code_key('postal_code', 'country_code') }},
        {{ fold('coalesce(region_code, region)') }},
        ''
      ),
      coalesce(country_code, {{ fold('country') }}, '')
    ) as address_key
  from (
    select
      relation.* exclude (lined),
      relation.lined.street,
      relation.lined.unit,
      relation.lined.further,
      {{ fold("concat_ws(' ', relation.lined.street, relation.lined.further)") }} as street_words,
      {{ fold('relation.lined.unit') }} as unit_words,
      {{ fold('relation.city') }} as city_words,
      dictionaries.places
    from (
      select
        *,
        case
          when alone is not null then {street: line1, unit: alone, further: null}
          -- Without a house number before it, # is the house number's own sign.
          when behind.unit <> '' and (behind.unit not like '#%' or behind.street between '0' and ':')
            then {street: behind.street, unit: behind.unit, further: line2}
          when before.unit <> '' then {street: before.street, unit: before.unit, further: line2}
          else {street: line1, unit: null, further: line2}
        end as lined
      from (
        select
          *,
          {%- for part, in_front in [('behind', false), ('before', true)] %}
          if(
            coalesce(country_code, 'US') in ('US', 'CA', 'PR'),
            {{ line_with_unit('line1', unit_pattern(true), in_front) }},
            {{ line_with_unit('line1', unit_pattern(false), in_front) }}
          ) as {{ part }},
          {%- endfor %}
          nullif(regexp_extract(
            line2, '^(?:{{ unit_pattern(true) }}|[0-9]{1,5}[a-z]?)[.,\s]*$', 0, 'i'
          ), '') as alone
        from {{ relation }}
      )
    ) as relation
    cross join (select {{ word_map('street') }} as places) as dictionaries
  ) as worded
{%- endmacro %}


{# The names of the conditions that hold, as a JSON list: `{'no_city': 'city is null'}`. #}
{% macro issue_list(conditions) -%}
  to_json(list_filter([
  {%- for issue, condition in conditions.items() %}
    if({{ condition }}, '{{ issue }}', null){{ ',' if not loop.last }}
  {%- endfor %}
  ], lambda issue: issue is not null))
{%- endmacro %}
