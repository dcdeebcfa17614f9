{#
  A Shopify mailing address, parsed once, and its parts as columns `<prefix>_...`:
  `shopify_address('"shippingAddress"')` as ship, `shopify_address_parts('ship', 'ship')`.
#}
{% macro shopify_address(column) -%}
  {{ json_record(column, _shopify_address_fields().values()) }}
{%- endmacro %}


{% macro shopify_address_parts(address, prefix) -%}
  {%- for part, field in _shopify_address_fields().items() %}
  {{ json_field(address, field) }} as {{ prefix }}_{{ part }}{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}


{% macro _shopify_address_fields() -%}
  {{ return({
    'first_name': 'firstName', 'last_name': 'lastName', 'name': 'name', 'company': 'company',
    'line1': 'address1', 'line2': 'address2', 'city': 'city', 'region': 'province',
    'region_code': 'provinceCode', 'postal_code': 'zip', 'country': 'country',
    'country_code': 'countryCodeV2', 'phone': 'phone',
  }) }}
{%- endmacro %}


{# The shop's amount of a Shopify price set, at a path of a column or the column itself. #}
{% macro shop_money(column, path='') -%}
  {{ money(json_text(column, (path ~ '.' if path else '') ~ 'shopMoney.amount')) }}
{%- endmacro %}


{# What the buyer saw of a Shopify price set. #}
{% macro presentment_money(column, path='') -%}
  {{ money(json_text(column, (path ~ '.' if path else '') ~ 'presentmentMoney.amount')) }}
{%- endmacro %}


{# The digits at the end of a Shopify gid, `gid://shopify/Order/1` → `1`. #}
{% macro gid_number(expression) -%}
  split_part(split_part({{ expression }}, '?', 1), '/', -1)
{%- endmacro %}
