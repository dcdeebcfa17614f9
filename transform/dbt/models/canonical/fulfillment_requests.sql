{{ per_order() }}

with

facts as (

    select * from {{ of_changed_orders(ref('int_request_facts')) }}

),

gate as (

    select * from {{ of_changed_orders(ref('int_gate')) }}

),

wms_orders as (

    select * from {{ of_changed_orders(ref('int_wms_orders')) }}

),

numbers as (

    select * from {{ of_changed_orders(ref('int_request_numbers')) }}

),

request_lines as (

    select * from {{ of_changed_orders(ref('int_request_lines')) }}

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

unmapped_skus as (

    select
        lines.fulfillment_request_id,
        {{ joined('coalesce(candidates.unmapped_with_candidates, lines.channel_sku)') }} as detail
    from request_lines as lines
    left join candidates
        on
            lines.source_instance = candidates.source_instance
            and lines.channel_sku = candidates.channel_sku
    where lines.requires_shipping and not lines.is_mapped and lines.wanted_quantity > 0
    group by lines.fulfillment_request_id

),

known_methods as (

    select
        concat_ws(' ', carrier, method) as label,
        concat_ws(' ', channel_method, carrier, method) as words
    from {{ ref('shipping_method_map') }}
    where method is not null

),

method_candidates as (

    select
        facts.fulfillment_request_id,
        known_methods.label,
        max({{ name_likeness('facts.shipping_method', 'known_methods.words') }}) as score
    from facts
    inner join gate on facts.fulfillment_request_id = gate.fulfillment_request_id
    cross join known_methods
    where gate.gate_result = 'unmapped_method'
    group by facts.fulfillment_request_id, known_methods.label

),

unmapped_methods as (

    select
        fulfillment_request_id,
        ' (perhaps ' || string_agg(label, '; ' order by score desc, label asc) || ')' as detail
    from method_candidates
    group by fulfillment_request_id

)

select
    facts.fulfillment_request_id,
    facts.order_id,
    facts.source_instance,
    facts.request_source_id as source_id,
    gate.gate_result,
    case gate.gate_result
        when 'unmapped_sku' then unmapped_skus.detail
        when 'unmapped_method' then gate.gate_detail || coalesce(unmapped_methods.detail, '')
        else gate.gate_detail
    end as gate_detail,
    facts.location_name,
    -- Where it is, and not where a later move in the shop would have it: sent once is sent there.
    coalesce(gate.held_by, facts.warehouse_instance) as warehouse_instance,
    case
        when coalesce(gate.held_by, facts.warehouse_instance) = facts.warehouse_instance
            then facts.warehouse_id
    end as warehouse_id,
    facts.warehouse_instance as wanted_warehouse_instance,
    facts.wms_carrier,
    facts.wms_method,
    case when gate.gate_result = 'sent'
        then coalesce(wms_orders.partner_order_id, numbers.partner_order_id)
    end as partner_order_id,
    wms_orders.wms_order_id,
    wms_orders.wms_status,
    gate.is_held_by_wms,
    coalesce(
        wms_orders.wms_status not in ('open', 'backordered')
        or wms_orders.labelled_quantity > 0
        or wms_orders.picked_quantity > 0,
        false
    ) as is_beyond_change,
    cast(facts.wanted_quantity as bigint) as wanted_quantity,
    cast(facts.shop_shipped_quantity as bigint) as shop_shipped_quantity,
    facts.scheduled_for,
    facts.created_at,
    facts.updated_at as last_updated_at
from facts
inner join gate on facts.fulfillment_request_id = gate.fulfillment_request_id
left join wms_orders on facts.fulfillment_request_id = wms_orders.fulfillment_request_id
left join numbers on facts.fulfillment_request_id = numbers.fulfillment_request_id
left join unmapped_skus on facts.fulfillment_request_id = unmapped_skus.fulfillment_request_id
left join unmapped_methods
    on facts.fulfillment_request_id = unmapped_methods.fulfillment_request_id
