{# How alike two short texts are, 0 to 1, whatever their case. #}
{% macro text_similarity(left_text, right_text) -%}
  coalesce(jaro_winkler_similarity(lower({{ left_text }}), lower({{ right_text }})), 0)
{%- endmacro %}


{# Which part of the words of two texts they share, 0 to 1. #}
{% macro token_overlap(left_text, right_text) -%}
  coalesce(
    len(list_intersect({{ tokens(left_text) }}, {{ tokens(right_text) }}))
    / nullif(len(list_distinct(list_concat({{ tokens(left_text) }}, {{ tokens(right_text) }}))), 0),
    0
  )
{%- endmacro %}


{# The words of a text, folded. #}
{% macro tokens(text) -%}
  list_distinct(regexp_extract_all(lower(strip_accents(coalesce({{ text }}, ''))), '[a-z0-9]+'))
{%- endmacro %}


{# A barcode to compare: digits without the zeros that pad a UPC to an EAN; NULL if it is none. #}
{% macro barcode_key(text) -%}
  nullif(ltrim(regexp_extract({{ text }}, '^\s*([0-9]{8,14})\s*$', 1), '0'), '')
{%- endmacro %}


{# A whole number, or NULL where the text is none: DuckDB's own cast would round 1.5 to 2. #}
{% macro safe_integer(text) -%}
  cast(nullif(regexp_extract({{ text }}, '^\s*([0-9]{1,18})\s*$', 1), '') as bigint)
{%- endmacro %}


{# The distinct texts of a group in order, `a; b`. #}
{% macro joined(expression) -%}
  string_agg(distinct {{ expression }}, '; ' order by {{ expression }})
{%- endmacro %}
