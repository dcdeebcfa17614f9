{# The parts of a Shopify mailing address as columns `<prefix>_...`. #}
{% macro shopify_address(column, prefix) -%}
  {%- set parts = {
    'first_name': 'firstName', 'last_name': 'lastName', 'name': 'name', 'company': 'company',
    'line1': 'address1', 'line2': 'address2', 'city': 'city', 'region': 'province',
    'region_code': 'provinceCode', 'postal_code': 'zip', 'country': 'country',
    'country_code': 'countryCodeV2', 'phone': 'phone',
  } -%}
  {%- for part, path in parts.items() %}
  {{ json_text(column, path) }} as {{ prefix }}_{{ part }}{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}


{# The shop's amount of a Shopify price set. #}
{% macro shop_money(column, path='') -%}
  {{ money(json_text(column, (path ~ '.' if path else '') ~ 'shopMoney.amount')) }}
{%- endmacro %}


{# What the buyer saw of a Shopify price set. #}
{% macro presentment_money(column, path='') -%}
  {{ money(json_text(column, (path ~ '.' if path else '') ~ 'presentmentMoney.amount')) }}
{%- endmacro %}


{# The digits at the end of a Shopify gid, `gid://shopify/Order/1` → `1`. #}
{% macro gid_number(expression) -%}
  regexp_extract({{ expression }}, '([^/?]+)(\?.*)?$', 1)
{%- endmacro %}
