{#
  The fields of a comparison that have one of these levels, in words: `name, street`. What is more
  than its level says is said: `name (part)`.
#}
{% macro level_words(fields, levels) -%}
  nullif(concat_ws(', '
  {%- for field, words in fields.items() %},
    case
    {%- for level in levels %}
      when {{ field }} = '{{ level }}' then '{{ words }}
      {%- if level not in ['same', 'near', 'differs'] %} ({{ level }}){% endif -%}
      '
    {%- endfor %}
    end
  {%- endfor %}
  ), '')
{%- endmacro %}
