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
