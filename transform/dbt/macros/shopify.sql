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


{# How a channel names what it sells: its SKU, and for want of one its title. #}
{% macro channel_sku(sku, other_sku, title) -%}
  coalesce(
    nullif(trim({{ sku }}), ''), nullif(trim({{ other_sku }}), ''), 'no SKU: ' || {{ title }}
  )
{%- endmacro %}
