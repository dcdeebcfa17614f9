{#
  Text without what people write in different ways: case, accents, punctuation, apostrophes.
  Words stay apart by one blank; letters of other scripts stay; nothing left is null.
#}
{% macro fold(text) -%}
  nullif(trim(regexp_replace({{ plain_letters(text) }}, '[^\p{L}\p{N}]+', ' ', 'g')), '')
{%- endmacro %}


{# Lower case without accents and apostrophes; other special letters are spelled out (ß, æ, ø …). #}
{% macro plain_letters(text) -%}
  {%- set folded = namespace(sql='lower(' ~ text ~ ')') -%}
  {%- for letter, spelled in [('ß', 'ss'), ('æ', 'ae'), ('œ', 'oe'), ('þ', 'th')] -%}
    {%- set folded.sql = "replace(" ~ folded.sql ~ ", '" ~ letter ~ "', '" ~ spelled ~ "')" -%}
  {%- endfor -%}
  translate(strip_accents({{ folded.sql }}), 'øđðłı''’‘`´ʼ', 'oddli')
{%- endmacro %}


{# The same without blanks, so that "De Castro" and "DeCastro" are equal. #}
{% macro squeeze(folded) -%}
  nullif(replace({{ folded }}, ' ', ''), '')
{%- endmacro %}


{#
  What is left when a system throws away every letter that is not ASCII after its accent:
  "Weiß" becomes "wei", and "Weiss" stays what it is.
#}
{% macro bare(text) -%}
  nullif(regexp_replace(strip_accents(lower({{ text }})), '[^a-z0-9]', '', 'g'), '')
{%- endmacro %}


{# A dictionary of the seed `identity_words`, as a map for `translate_words`. #}
{% macro word_map(kind) -%}
  (
    select map_from_entries(list(row(words.word, words.meaning)))
    from {{ ref('identity_words') }} as words
    where words.kind = '{{ kind }}'
  )
{%- endmacro %}


{# The words of a folded text, each by its meaning in the dictionary, else itself. #}
{% macro translate_words(folded, words) -%}
  list_transform(
    string_split({{ folded }}, ' '), lambda word: coalesce({{ words }}[word], word)
  )
{%- endmacro %}


{#
  The words of a folded street or city by the dictionary. Where a language writes the kind of
  street into the name, the end of the word is shortened, as people do ("Hauptstr.", "Åkerg.").
#}
{% macro place_words(folded, words) -%}
  {%- set shortened -%}
    regexp_replace(
      regexp_replace({{ folded }}, '(\w)strasse\b', '\1str', 'g'), '(\w)gatan\b', '\1g', 'g'
    )
  {%- endset -%}
  {{ translate_words(shortened, words) }}
{%- endmacro %}


{# The key of a folded street or city: its words without blanks. #}
{% macro place_key(folded, words) -%}
  nullif(array_to_string({{ place_words(folded, words) }}, ''), '')
{%- endmacro %}


{# The key of a folded name: its words in any order, short forms by the name, without titles. #}
{% macro name_key(folded, words, titles) -%}
  nullif(array_to_string(list_sort(list_filter(
    {{ translate_words(folded, words) }}, lambda word: {{ titles }}[word] is null
  )), ' '), '')
{%- endmacro %}


{# A postal code without blanks, hyphens and the country's letters ("S-958 22", "B-1180"). #}
{% macro postal_code_key(postal_code, country_code) -%}
  case
    when {{ country_code }} = 'US'
      then nullif(left(regexp_replace({{ postal_code }}, '[^0-9]', '', 'g'), 5), '')
    else nullif(regexp_replace(
      regexp_replace(upper({{ postal_code }}), '[^\p{L}\p{N}]', '', 'g'),
      '^[A-Z]{1,3}(\d{4,})$', '\1'
    ), '')
  end
{%- endmacro %}


{# The words of a list that are no number, in order, so that it does not matter what was written first. #}
{% macro words_in_order(words) -%}
  array_to_string(list_sort(list_filter(
    {{ words }}, lambda word: not regexp_full_match(word, '\d+')
  )), ' ')
{%- endmacro %}


{# A text without its digits. #}
{% macro without_numbers(text) -%}
  regexp_replace({{ text }}, '\d', '', 'g')
{%- endmacro %}


{# The letters and digits of a text in order, so that two that changed places do not matter. #}
{% macro letters_in_order(text) -%}
  array_to_string(list_sort(string_split({{ text }}, '')), '')
{%- endmacro %}


{#
  A number for a text or a row. It may be another one in another version of DuckDB: what keeps it
  starts over then (`people_mark`).
#}
{% macro short_hash(expression) -%}
  hash({{ expression }})
{%- endmacro %}
