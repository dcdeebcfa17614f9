{#
  An e-mail address as a key: lower case; without a plus-tag, and without dots at Google Mail,
  where they mean nothing (the variables `email_tags_differ` and `email_dots_differ` turn this
  off). What is no address is null.
#}
{% macro email_key(email) -%}
  {%- set address = 'lower(trim(' ~ email ~ '))' -%}
  {%- set local = "split_part(" ~ address ~ ", '@', 1)" -%}
  {%- if not var('email_tags_differ', false) -%}
    {%- set local = "regexp_replace(" ~ local ~ ", '(.)\\+.*$', '\\1')" -%}
  {%- endif -%}
  {%- set domain = "replace(split_part(" ~ address ~ ", '@', 2), 'googlemail.com', 'gmail.com')" -%}
  case
    when not regexp_full_match({{ address }}, '[^@\s]+@[^@\s.]+(\.[^@\s.]+)+') then null
    {%- if not var('email_dots_differ', false) %}
    when {{ domain }} = 'gmail.com' then replace({{ local }}, '.', '') || '@gmail.com'
    {%- endif %}
    else {{ local }} || '@' || {{ domain }}
  end
{%- endmacro %}


{# The classes of the seed `email_classes` for an e-mail key: relay, placeholder, role or null. #}
{% macro email_class(email_key, classes) -%}
  case
    {%- for class in ['placeholder', 'relay'] %}
    when list_has_any({{ classes }}['{{ class }}'], {{ email_parts(email_key) }}) then '{{ class }}'
    {%- endfor %}
    when list_contains({{ classes }}['role'], split_part({{ email_key }}, '@', 1) || '@') then 'role'
  end
{%- endmacro %}


{# What the classes may name: the local part with its @, and the domain with each of its parents. #}
{% macro email_parts(email_key) -%}
  list_append(
    list_transform(
      range(1, len(string_split(split_part({{ email_key }}, '@', 2), '.')) + 1),
      lambda part: array_to_string(
        string_split(split_part({{ email_key }}, '@', 2), '.')[part:], '.'
      )
    ),
    split_part({{ email_key }}, '@', 1) || '@'
  )
{%- endmacro %}


{# The seed `email_classes` as one map, class to the parts that it names. #}
{% macro email_class_map() -%}
  (
    select map_from_entries(list(row(grouped.class, grouped.parts)))
    from (
      select
        classes.class,
        list(classes.value || case classes.part when 'local' then '@' else '' end) as parts
      from {{ ref('email_classes') }} as classes
      group by classes.class
    ) as grouped
  )
{%- endmacro %}
