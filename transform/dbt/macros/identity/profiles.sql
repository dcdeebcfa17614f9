{#
  What the rules compare of a record, as one id: records that say the same have the same. It is
  made of nothing but that, so that what was found out about two profiles holds for ever. A name
  alone is no profile.
#}
{% macro profile_id() -%}
  {%- set said = [
    'email_key', 'email_written', 'phone_key', 'phone_end', 'is_person', 'name_key', 'name_plain',
    'name_bare', 'given_plain', 'surname', 'company_key', 'street_plain', 'street_key', 'street_bag',
    'line1_key', 'city_key', 'postal_code_key', 'country_key',
  ] -%}
  case
    when
      name_key is not null
      and (
        email_key is not null
        or phone_key is not null
        or (street_plain is not null and coalesce(city_key, postal_code_key) is not null)
      )
      then cast(md5(concat_ws('|'
      {%- for part in said %}, coalesce(cast({{ part }} as varchar), ''){% endfor -%}
      )) as uuid)
    else record_id
  end
{%- endmacro %}
