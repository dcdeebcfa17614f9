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


{#
  The class of the seed `email_classes` for a mailbox: relay, placeholder, role or null. A domain
  has the class of the domains that it lies in, up to two steps.
#}
{% macro email_class(mailbox, classes) -%}
  {%- set local = "split_part(" ~ mailbox ~ ", '@', 1)" -%}
  {%- set domain = "split_part(" ~ mailbox ~ ", '@', 2)" -%}
  {%- set parent = "regexp_replace(" ~ domain ~ ", '^[^.]*\.', '')" -%}
  {%- set grandparent = "regexp_replace(" ~ domain ~ ", '^[^.]*\.[^.]*\.', '')" -%}
  {%- set last = "regexp_extract(" ~ domain ~ ", '[^.]*$')" -%}
  case
    {%- for class in ['placeholder', 'relay', 'role'] %}
    when
      {{ local }} in {{ _email_parts(classes, 'local', class) }}
      {%- for part in [domain, parent, grandparent, last] if class != 'role' %}
      or {{ part }} in {{ _email_parts(classes, 'domain', class) }}
      {%- endfor %}
      then '{{ class }}'
    {%- endfor %}
  end
{%- endmacro %}


{% macro _email_parts(classes, part, class) -%}
  (select each.value from {{ classes }} as each where each.part = '{{ part }}' and each.class = '{{ class }}')
{%- endmacro %}
