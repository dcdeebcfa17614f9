{# What two descriptions of goods have in common, in units, barcodes, words and model codes. #}


{# Grams, of a weight in any usual unit; NULL where the unit is none of them, or nothing weighs. #}
{% macro grams(weight, unit) -%}
  round(
    nullif({{ weight }}, 0) * case lower({{ unit }})
      when 'g' then 1 when 'gram' then 1 when 'grams' then 1
      when 'kg' then 1000 when 'kilogram' then 1000 when 'kilograms' then 1000
      when 'oz' then 28.349523125 when 'ounce' then 28.349523125 when 'ounces' then 28.349523125
      when 'lb' then 453.59237 when 'lbs' then 453.59237
      when 'pound' then 453.59237 when 'pounds' then 453.59237
    end, 3
  )
{%- endmacro %}


{# Millimetres, of a length in any usual unit; NULL where the unit is none of them. #}
{% macro millimetres(length, unit) -%}
  round(
    nullif({{ length }}, 0) * case lower({{ unit }})
      when 'mm' then 1 when 'cm' then 10 when 'm' then 1000
      when 'in' then 25.4 when 'inch' then 25.4 when 'inches' then 25.4
      when 'ft' then 304.8
    end, 1
  )
{%- endmacro %}


{# A SKU to compare spellings by: `Cd_001 ` is `cd-001`. #}
{% macro sku_key(sku) -%}
  translate(
    lower(strip_accents(regexp_replace({{ sku }}, '\s', '', 'g'))), '_–—', '---'
  )
{%- endmacro %}


{# A text without case, accents, blanks and punctuation. #}
{% macro squeezed(text) -%}
  regexp_replace(lower(strip_accents(coalesce({{ text }}, ''))), '[^a-z0-9]', '', 'g')
{%- endmacro %}


{#
  The model codes in a name: words with a digit, of three characters or more, without punctuation,
  so that `F3H982-10` and `F3H98210` are the same.
#}
{% macro model_codes(name) -%}
  list_distinct(list_filter(
    list_transform(
      regexp_split_to_array(lower(strip_accents(coalesce({{ name }}, ''))), '\s+'),
      lambda word: regexp_replace(word, '[^a-z0-9]', '', 'g')
    ),
    lambda word: length(word) >= 3 and regexp_matches(word, '[0-9]')
  ))
{%- endmacro %}


{# The pieces of a given length of each text in a list; a shorter text has none. #}
{% macro pieces(texts, length) -%}
  list_distinct(flatten(list_transform({{ texts }}, lambda whole: list_transform(
    range(1, greatest(length(whole) - {{ length }} + 2, 1)),
    lambda place: substr(whole, place, {{ length }})
  ))))
{%- endmacro %}


{#
  The terms by which goods are looked up, from lists that a CTE before made of their name and SKU:
  the words (`w:`), the model codes (`m:`) and pieces of them (`x:`: `FS105` and `FS105NA`), pieces
  of the words (`y:`: `Stonewear` and `Stoneware`), and the whole name (`n:`).
#}
{% macro sku_terms(name, words, codes) -%}
  list_distinct(flatten([
    list_transform({{ words }}, lambda term: 'w:' || term),
    list_transform({{ codes }}, lambda term: 'm:' || term),
    list_transform({{ pieces(codes, 4) }}, lambda term: 'x:' || term),
    list_transform({{ pieces(words, 3) }}, lambda term: 'y:' || term),
    ['n:' || {{ squeezed(name) }}]
  ]))
{%- endmacro %}


{# What a term weighs: the rarer, the more; pieces of words, which are many, half. #}
{% macro term_weight(term, holders, items) -%}
  case when {{ term }}[1] = 'y' then 0.5 else 1 end
  * ln(1 + cast({{ items }} as double) / greatest({{ holders }}, 1))
{%- endmacro %}


{#
  How many items may share a term that still says something: 50, in a large catalogue two in a
  hundred, 300 at most. It bounds the work as well: a line never meets more than its terms times
  that.
#}
{% macro most_holders(items) -%}
  least(greatest(50, {{ items }} / 50), 300)
{%- endmacro %}


{# A weight or a length as a text of an API: NULL where it is no number. #}
{% macro measure(text) -%}
  try_cast(nullif(trim({{ text }}), '') as decimal(18, 6))
{%- endmacro %}


{# Whether a code of a list has both letters and digits, as model numbers have. #}
{% macro has_model_code(codes) -%}
  len(list_filter({{ codes }}, lambda code: length(code) >= 4 and regexp_matches(code, '[a-z]'))) > 0
{%- endmacro %}


{# What the first warehouse that knows it says of an item. #}
{% macro first_known(column, key) -%}
  first_value({{ column }} ignore nulls) over (
    partition by {{ key }} order by source_instance, source_id
    rows between unbounded preceding and unbounded following
  )
{%- endmacro %}


{# The model codes of a name, and the SKU as one of them. #}
{% macro sku_codes(name, sku) -%}
  list_distinct(list_concat(
    {{ model_codes(name) }},
    list_filter([nullif({{ squeezed(sku) }}, '')], lambda code: code is not null)
  ))
{%- endmacro %}


{# The SKU that a channel really has: macro channel_sku puts the title in the place of none. #}
{% macro sku_of_channel(channel_sku) -%}
  case when not starts_with({{ channel_sku }}, 'no SKU: ') then {{ channel_sku }} end
{%- endmacro %}
