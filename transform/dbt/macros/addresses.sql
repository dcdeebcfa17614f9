{#
  Postal addresses. What an address is compared by is its `address_key`: written in two ways, with
  its unit ("Apt 4", "#4") in either line, it has one key. `address_keyed` makes it.
#}

{# The parts of an address as a source writes them. #}
{% macro written_parts() -%}
  {{ return(['line1', 'line2', 'city', 'region', 'postal_code', 'country']) }}
{%- endmacro %}


{# The same of a channel's order: `order_parts('ship_')`; the channel's own codes go first. #}
{% macro order_parts(prefix) -%}
  {%- set parts = {} -%}
  {%- for part in written_parts() -%}
    {%- set name = prefix ~ part -%}
    {%- set coded = 'coalesce(' ~ name ~ '_code, ' ~ name ~ ')' -%}
    {%- do parts.update({part: coded if part in ['region', 'country'] else name}) -%}
  {%- endfor -%}
  {{ return(parts) }}
{%- endmacro %}


{# The parts without blanks around them, empty ones null; `parts` are expressions by their name. #}
{% macro trimmed_parts(parts={}) -%}
  {%- for part in written_parts() %}
  nullif(trim({{ parts.get(part, part) }}), '') as {{ part }}{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}


{# The id of one way of writing an address, of its trimmed parts: each is read once. #}
{% macro written_id() -%}
  {%- set texts = [] -%}
  {%- for part in written_parts() -%}
    {%- do texts.append("coalesce(" ~ part ~ ", '')") -%}
  {%- endfor -%}
  cast(md5(concat_ws(chr(31), {{ texts | join(', ') }})) as uuid)
{%- endmacro %}


{#
  The rows of a relation, which has the columns of `written_parts`, with ISO codes of country and
  region. Without a country, a state of the United States or a province of Canada tells it, if
  the postal code agrees.
#}
{% macro address_located(relation) -%}
  select
    it.*,
    coalesce(places.country_code, deduced.country_code) as country_code,
    coalesce(places.region_code, deduced.region_code) as region_code,
    it.region is not null
    and places.country_code is not null
    and places.region_code is null as is_unknown_region
  from {{ relation }} as it
  -- There are few countries and regions: each is looked up once.
  left join (
    select
      named.country,
      named.region,
      {{ fold('named.region') }} as region_key,
      countries.country_code,
      regions.region_code
    from (select distinct country, region from {{ relation }}) as named
    left join {{ ref('int_addresses__countries') }} as countries
      on {{ fold('named.country') }} = countries.country_key
    left join {{ ref('int_addresses__regions') }} as regions
      on
        countries.country_code = regions.country_code
        and {{ fold('named.region') }} = regions.region_key
  ) as places
    on
      it.country is not distinct from places.country
      and it.region is not distinct from places.region
  left join (
    select
      *,
      case country_code
        when 'US' then '(?:' || postal_prefix || ')\d*(?:-\d{4})?'
        else '(?i)(?:' || postal_prefix || ')\d[A-Z] ?\d[A-Z]\d'
      end as pattern
    from {{ ref('int_addresses__regions') }}
    where country_code in ('US', 'CA')
  ) as deduced
    on
      if(it.country is null, places.region_key, null) = deduced.region_key
      and regexp_full_match(it.postal_code, deduced.pattern)
      and (deduced.country_code = 'CA' or length(split_part(it.postal_code, '-', 1)) = 5)
{%- endmacro %}


{# Lines with a comma between them. #}
{% macro one_line(text) -%}
  regexp_replace({{ text }}, '\s*[\n\r]+\s*', ', ', 'g')
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
  {%- set ways = [
    '(?:' ~ words ~ ')\\b[.:]?\\s*' ~ value,
    '(?:' ~ words ~ ')[0-9]{1,4}[a-z]?'
  ] -%}
  {%- if is_american -%}
    {%- do ways.append('(?:floor|fl)\\b\\.?\\s*[0-9]{1,3}') -%}
    {%- do ways.append('#\\s*[0-9a-z][0-9a-z-]{0,5}') -%}
  {%- endif -%}
  {%- set one = '(?:' ~ ways | join('|') ~ ')' -%}
  {{ return(one ~ '(?:[\\s,]+' ~ one ~ ')*') }}
{%- endmacro %}


{#
  A line by its parts, `street` and `unit`; null without a unit. The unit stands at the end, behind
  a street that has a word, or in front of the house number. Most lines have none, and are only
  looked at.
#}
{% macro line_with_unit(line, pattern, in_front=false) -%}
  {%- if in_front -%}
    if(
      regexp_matches({{ line }}, '^(?:{{ pattern }})\s*,', 'i'),
      regexp_extract({{ line }}, '^({{ pattern }})\s*,\s*([0-9].*)$', ['unit', 'street'], 'i'),
      null
    )
  {%- else -%}
    if(
      regexp_matches({{ line }}, '[\s,](?:{{ pattern }})[.,\s]*$', 'i'),
      regexp_extract(
        {{ line }}, '^(.*\pL{2}.*?)[\s,]+({{ pattern }})[.,\s]*$', ['street', 'unit'], 'i'
      ),
      null
    )
  {%- endif -%}
{%- endmacro %}


{# Which unit it is, whatever it is called: "Apt. 4", "Unit 4" and "#4" are one door. #}
{% macro unit_key(unit_words) -%}
  nullif(replace(regexp_replace(
    regexp_replace(
      {{ unit_words }},
      '\b(?:apartment|appartment|apt|unit|suite|ste|flat|room|rm)(\d|\b)', '\1', 'g'
    ),
    '\b(fl|b|tr)(?:oor|ldg|uilding|lr|ailer)', '\1', 'g'
  ), ' ', ''), '')
{%- endmacro %}


{# A unit in its usual short form: "Apartment #4b" is "Apt 4B". #}
{% macro unit_written(unit) -%}
  {%- set short = [] -%}
  {%- for words, form in {
    'APARTMENT APPARTMENT APT': 'Apt', 'UNIT': 'Unit', 'SUITE STE': 'Ste', 'FLAT': 'Flat',
    'ROOM RM': 'Rm', 'FLOOR FL': 'Fl', 'BUILDING BLDG': 'Bldg', 'TRAILER TRLR': 'Trlr',
    'LOT': 'Lot', 'SPACE SPC': 'Spc', 'DEPT': 'Dept', 'HANGAR HNGR': 'Hngr', 'SLIP': 'Slip',
    'PIER': 'Pier', 'PENTHOUSE PH': 'Ph',
  }.items() -%}
    {%- for word in words.split() -%}
      {%- do short.append("'" ~ word ~ "': '" ~ form ~ "'") -%}
    {%- endfor -%}
  {%- endfor -%}
  array_to_string(
    list_transform(
      string_split_regex(
        regexp_replace(upper({{ unit }}), '\b([A-Z]{2,})[.:]?\s*#?\s*([0-9])', '\1 \2', 'g'),
        '[\s,.:]+'
      ),
      lambda word: coalesce(map { {{- short | join(', ') -}} }[word], word)
    ),
    ' '
  )
{%- endmacro %}


{#
  The rows of such a relation (`address_located`), with `street` and `unit` apart, what else stood in the second line (`further`), and
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


{#
  Each distinct postal code of such a relation in its country's form, with what is amiss. A zero
  that a spreadsheet took from a ZIP code is given back where the state agrees.
#}
{% macro postal_code_judged(relation) -%}
  {%- set squeezed = "regexp_replace(regexp_replace(upper(codes.postal_code), '\\.0$', ''), "
    ~ "'[^\\p{L}\\p{N}]', '', 'g')" -%}
  select
    formed.country_code,
    formed.region_code,
    formed.postal_code,
    coalesce(formed.known_form, formed.repaired) as postal_code_written,
    formed.known_form is null and formed.repaired is not null as is_repaired,
    formed.postal_code is not null
    and coalesce(formed.known_form, formed.repaired) is null as is_malformed,
    formed.postal_code is null and formed.is_required as is_missing,
    not regexp_matches(
      coalesce(formed.known_form, formed.repaired), '^(?:' || formed.postal_prefix || ')'
    ) as is_elsewhere
  from (
    select
      spelled.*,
      case
        when regexp_full_match(separated, postal_pattern) then separated
        when regexp_full_match(upper(postal_code), postal_pattern) then upper(postal_code)
        when regexp_full_match(without_country, postal_pattern) then without_country
      end as known_form,
      if(
        country_code = 'US' and regexp_matches(padded, '^(?:' || postal_prefix || ')'),
        padded,
        null
      ) as repaired
    from (
      select
        codes.*,
        formats.postal_pattern,
        formats.is_required,
        regions.postal_prefix,
        {{ postal_code_separated(squeezed) }} as separated,
        {{ postal_code_separated("regexp_replace(" ~ squeezed ~ ", '^[A-Z]{1,3}(\\d)', '\\1')") }}
          as without_country,
        case
          when regexp_full_match({{ squeezed }}, '\d{3,4}') then lpad({{ squeezed }}, 5, '0')
          when regexp_full_match({{ squeezed }}, '\d{7,8}')
            then regexp_replace(lpad({{ squeezed }}, 9, '0'), '^(.{5})', '\1-')
        end as padded
      from (
        select distinct country_code, region_code, postal_code
        from {{ relation }}
      ) as codes
      inner join {{ ref('postal_formats') }} as formats
        on codes.country_code = formats.country_code
      left join {{ ref('regions') }} as regions
        on codes.region_code = regions.region_code and regions.is_preferred
    ) as spelled
  ) as formed
{%- endmacro %}


{# Letters and digits with the separator that their country puts between them. #}
{% macro postal_code_separated(text) -%}
  if(
    formats.tail_length < length({{ text }})
    and coalesce(formats.bare_length = length({{ text }}), true),
    left({{ text }}, -formats.tail_length)
    || replace(formats.separator, 'blank', ' ')
    || right({{ text }}, formats.tail_length),
    {{ text }}
  )
{%- endmacro %}


{# The names of the conditions that hold, as a JSON list: `{'no_city': 'city is null'}`. #}
{% macro issue_list(conditions) -%}
  to_json(list_filter([
  {%- for issue, condition in conditions.items() %}
    if({{ condition }}, '{{ issue }}', null){{ ',' if not loop.last }}
  {%- endfor %}
  ], lambda issue: issue is not null))
{%- endmacro %}
