with

raw_orders as (

    select
        source_instance,
        -- The first shop's orders are shop_1001, those of a shop named eu are eu_1001.
        regexp_replace(split_part(source_instance, ':', 2), '^main$', 'shop') as source_prefix,
        'crossdock-' || split_part(source_instance, ':', 2) as shop_name,
        "name" as order_number,
        "createdAt" as created_at,
        "updatedAt" as updated_at,
        "cancelledAt" as cancelled_at,
        "cancelReason" as cancel_reason,
        "currencyCode" as currency,
        "displayFinancialStatus" as vendor_payment_status,
        "displayFulfillmentStatus" as vendor_fulfillment_status,
        "email",
        "phone",
        "note",
        "tags",
        "sourceName" as sales_channel,
        {{ gid_number('id') }} as source_id,
        {{ gid_number(json_text('customer', 'id')) }} as customer_source_id,
        least("createdAt", coalesce("processedAt", "createdAt")) as placed_at,
        coalesce("test", false) as is_test,
        coalesce("presentmentCurrencyCode", "currencyCode") as presentment_currency,
        {{ shopify_address('"shippingAddress"') }} as ship,
        {{ shopify_address('"billingAddress"') }} as bill,
        {{ json_text('"shippingLine"', 'title') }} as shipping_method,
        {{ shop_money('"subtotalPriceSet"') }} as subtotal,
        {{ shop_money('"totalShippingPriceSet"') }} as shipping_total,
        {{ shop_money('"totalTaxSet"') }} as tax_total,
        {{ shop_money('"totalDiscountsSet"') }} as discount_total,
        {{ shop_money('"totalPriceSet"') }} as total,
        {{ shop_money('"currentTotalPriceSet"') }} as current_total,
        {{ presentment_money('"totalPriceSet"') }} as presentment_total,
        {{ json_text('fulfillments', '[*].status') }} as fulfillment_statuses,
        "_sdc_deleted_at" is not null as is_gone,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'orders') }}

)

select
    * exclude (ship, bill, fulfillment_statuses),
    {{ shopify_address_parts('ship', 'ship') }},
    {{ shopify_address_parts('bill', 'bill') }},
    list_contains(fulfillment_statuses, 'SUCCESS') as has_shop_fulfillment
from raw_orders
