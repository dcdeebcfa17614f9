with

facts as (

    select * from {{ ref('int_request_facts') }}

),

candidates as (

    select
        source_instance,
        channel_sku,
        channel_sku || ' (perhaps ' || string_agg(sku, '; ' order by candidate_rank) || ')'
            as unmapped_with_candidates
    from {{ ref('int_sku_candidates') }}
    group by source_instance, channel_sku

),

unmapped as (

    select
        lines.fulfillment_request_id,
        {{ joined('coalesce(candidates.unmapped_with_candidates, lines.channel_sku)') }} as detail
    from {{ ref('int_request_lines') }} as lines
    left join candidates
        on
            lines.source_instance = candidates.source_instance
            and lines.channel_sku = candidates.channel_sku
    where lines.requires_shipping and not lines.is_mapped and lines.wanted_quantity > 0
    group by lines.fulfillment_request_id

)

select
    facts.fulfillment_request_id,
    facts.order_id,
    facts.source_instance,
    facts.request_source_id as source_id,
    gate.gate_result,
    case gate.gate_result
        when 'unmapped_sku' then unmapped.detail
        when 'channel_hold' then facts.hold_reason
        when 'not_ours' then facts.location_name
        when 'unpaid' then facts.vendor_payment_status
        when 'scheduled' then cast(facts.scheduled_for as varchar)
        when 'unmapped_method' then facts.shipping_method
    end as gate_detail,
    facts.location_name,
    facts.warehouse_instance,
    facts.warehouse_id,
    facts.wms_carrier,
    facts.wms_method,
    case when gate.gate_result = 'sent'
        then coalesce(wms_orders.partner_order_id, numbers.partner_order_id)
    end as partner_order_id,
    wms_orders.wms_order_id,
    wms_orders.wms_status,
    coalesce(wms_orders.wms_status != 'open' or wms_orders.labelled_quantity > 0, false)
        as is_beyond_change,
    cast(facts.wanted_quantity as bigint) as wanted_quantity,
    cast(facts.shop_shipped_quantity as bigint) as shop_shipped_quantity,
    facts.created_at,
    facts.updated_at as last_updated_at
from facts
inner join {{ ref('int_gate') }} as gate
    on facts.fulfillment_request_id = gate.fulfillment_request_id
left join {{ ref('int_wms_orders') }} as wms_orders
    on facts.fulfillment_request_id = wms_orders.fulfillment_request_id
left join {{ ref('int_request_numbers') }} as numbers
    on facts.fulfillment_request_id = numbers.fulfillment_request_id
left join unmapped on facts.fulfillment_request_id = unmapped.fulfillment_request_id
