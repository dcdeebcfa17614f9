{# What the page and `crossdock why` show. #}

{# The texts of a group as a list, the first `shown` of them and then how many more there are. #}
{% macro shown_list(expression, order_by, shown=200) -%}
  case when count({{ expression }}) > {{ shown }}
    then list_append(
      list({{ expression }} order by {{ order_by }})[1:{{ shown }}],
      'and ' || (count({{ expression }}) - {{ shown }}) || ' more'
    )
    else coalesce(
      list({{ expression }} order by {{ order_by }}) filter ({{ expression }} is not null), []
    )
  end
{%- endmacro %}


{# The name of an order for people: its number, and what tells it from another shop's. #}
{% macro order_label(orders) -%}
  case
    when count(*) over (partition by {{ orders }}.order_number) > 1
      or {{ orders }}.order_number is null
      then concat_ws(' ', {{ orders }}.order_number, '(' || {{ orders }}.source_order_id || ')')
    else {{ orders }}.order_number
  end
{%- endmacro %}


{# Texts side by side, ` · ` between them; what is empty is left out. #}
{% macro phrase() -%}
  concat_ws(' · '
  {%- for part in varargs %}, nullif(cast({{ part }} as varchar), ''){% endfor -%}
  )
{%- endmacro %}


{# The texts of a group in a given order, `a; b`. #}
{% macro joined_in_order(expression, order_by) -%}
  string_agg({{ expression }}, '; ' order by {{ order_by }})
{%- endmacro %}


{# A time for people: to the minute, UTC. #}
{% macro time_label(expression) -%}
  strftime({{ expression }}, '%Y-%m-%d %H:%M')
{%- endmacro %}
