{#- One select for each kind of fact of an order; they have the same columns, in this order. -#}
with

orders as (

    select *, cast(order_id as varchar) as record_id from {{ ref('orders') }}

),

requests as (

    select *, cast(order_id as varchar) as record_id from {{ ref('fulfillment_requests') }}

),

reasons as (

    select * from {{ ref('gate_reasons') }}

),

rules as (

    select rule, description from {{ ref('identity_rules') }}

),

sku_map as (

    select
        source_instance,
        channel_sku,
        min(rule) as rule,
        {{ joined_in_order("quantity || ' × ' || sku", 'sku') }} as means
    from {{ ref('sku_map') }}
    group by source_instance, channel_sku

),

candidates as (

    select
        source_instance,
        channel_sku,
        {{ joined_in_order(
            "sku || ' (' || cast(round(score * 100) as integer) || ' % alike)'", 'candidate_rank'
        ) }} as candidates
    from {{ ref('int_sku_candidates') }}
    group by source_instance, channel_sku

),

-- The ids under which syncs may know the record: the keys of the journal.
order_keys as (

    select record_id, 'order_id' as label, record_id as text from orders
    union all
    select record_id, 'fulfillment_request_id', cast(fulfillment_request_id as varchar)
    from requests
    union all
    select cast(order_id as varchar), 'fulfillment_id', cast(fulfillment_id as varchar)
    from {{ ref('fulfillments') }}

),

order_sources as (

    select
        orders.record_id,
        orders.source_instance || ' order ' || orders.source_id as label,
        {{ phrase(
            "'number ' || orders.order_number",
            "'placed ' || " ~ time_label('orders.placed_at'),
            "'changed ' || " ~ time_label('orders.last_updated_at'),
            "'loaded ' || " ~ time_label('loaded.loaded_at')
        ) }} as text
    from orders
    inner join {{ ref('int_orders') }} as loaded on orders.order_id = loaded.order_id

),

order_states as (

    select
        record_id,
        status as label,
        {{ phrase(
            "'payment ' || coalesce(payment_status, vendor_payment_status)",
            "'total ' || cast(total as decimal(18, 2)) || ' ' || currency",
            "case when current_total != total then 'now ' || cast(current_total as decimal(18, 2)) end",
            "'cancelled ' || " ~ time_label('cancelled_at'),
            "case when is_test then 'a test' end"
        ) }} as text
    from orders

),

order_lines as (

    select
        cast(lines.order_id as varchar) as record_id,
        lines.line_number as place,
        lines.ordered_quantity || ' × ' || coalesce(lines.channel_sku, lines.title) as label,
        {{ phrase(
            "case when sku_map.rule = 'unmapped' then 'unmapped'"
            ~ " when sku_map.means = '1 × ' || lines.channel_sku then 'rule ' || sku_map.rule"
            ~ " else '→ ' || sku_map.means || ' (rule ' || sku_map.rule || ')' end",
            "case when not lines.requires_shipping then 'needs no shipping' end",
            "case when lines.cancelled_quantity > 0 then lines.cancelled_quantity || ' cancelled' end",
            "lines.shipped_quantity || ' shipped'",
            "case when lines.open_quantity > 0 then lines.open_quantity || ' open' end"
        ) }} as text,
        case when sku_map.rule = 'unmapped' and lines.requires_shipping
            then 'map ' || lines.channel_sku || ' in decisions/sku_map.csv'
                || coalesce(', perhaps to ' || candidates.candidates, '')
        end as next_step
    from {{ ref('order_lines') }} as lines
    left join sku_map
        on
            lines.source_instance = sku_map.source_instance
            and lines.channel_sku = sku_map.channel_sku
    left join candidates
        on
            lines.source_instance = candidates.source_instance
            and lines.channel_sku = candidates.channel_sku

),

order_requests as (

    select
        requests.record_id,
        requests.created_at as happened_at,
        requests.gate_result as label,
        {{ phrase(
            "reasons.description", "requests.gate_detail", "'from ' || requests.location_name",
            "'as ' || requests.partner_order_id",
            "'WMS order ' || requests.wms_order_id || ' ' || requests.wms_status"
        ) }} as text,
        -- Which SKU is to be mapped is said with its line.
        case when requests.gate_result != 'unmapped_sku' then reasons.next_step end as next_step
    from requests
    left join reasons on requests.gate_result = reasons.reason

),

parcels as (

    select
        fulfillment_id,
        {{ joined(
            "concat_ws(' ', carrier, tracking_number, case when is_voided then '(voided)' end)"
        ) }} as parcels
    from {{ ref('fulfillment_packages') }}
    group by fulfillment_id

),

order_shipments as (

    select
        cast(shipments.order_id as varchar) as record_id,
        coalesce(shipments.shipped_at, shipments.created_at) as happened_at,
        shipments.status as label,
        {{ phrase(
            "shipments.source_instance || ' shipment ' || shipments.source_id",
            "parcels.parcels"
        ) }} as text
    from {{ ref('fulfillments') }} as shipments
    left join parcels on shipments.fulfillment_id = parcels.fulfillment_id

),

order_destinations as (

    select
        cast(order_id as varchar) as record_id,
        destination_instance || ' order ' || wms_order_id as label,
        {{ phrase('partner_order_id', 'vendor_status', "case when is_gone then 'gone there' end") }}
            as text
    from {{ ref('int_wms_orders') }}

    union all

    select
        crossdock_order_id,
        destination_instance || ' order ' || destination_id,
        {{ phrase(
            'hs_fulfillment_status', 'crossdock_carrier', 'hs_shipping_tracking_number',
            "case when is_gone then 'gone there' end"
        ) }}
    from {{ ref('stg_hubspot__orders') }}
    where crossdock_order_id != ''

),

order_customers as (

    select
        orders.record_id,
        'customer ' || customers.customer_id as label,
        {{ phrase(
            "customers.records || ' records'", "'weakest rule ' || customers.rule",
            'rules.description'
        ) }} as text
    from orders
    inner join {{ ref('customers') }} as customers on orders.customer_id = customers.customer_id
    left join rules on customers.rule = rules.rule

),

order_history as (

    select
        cast(order_id as varchar) as record_id,
        seen_at as happened_at,
        sequence as place,
        'status' as label,
        concat_ws(' → ', from_status, to_status)
        || case when is_legal then '' else ' (not a legal change)' end as text
    from {{ ref('order_status_history') }}

    union all

    select cast(order_id as varchar), occurred_at, sequence, event_type, source_instance
    from {{ ref('events') }}
    where event_type != 'order.updated'

),

facts as (

    select 'order' as kind, record_id, 'key' as section, 0 as place,
        cast(null as timestamptz) as happened_at, label, text, cast(null as varchar) as next_step
    from order_keys
    union all
    select 'order', record_id, 'source', 0, null, label, text, null from order_sources
    union all
    select 'order', record_id, 'state', 0, null, label, text, null from order_states
    union all
    select 'order', record_id, 'line', place, null, label, text, next_step from order_lines
    union all
    select 'order', record_id, 'request', 0, happened_at, label, text, next_step from order_requests
    union all
    select 'order', record_id, 'customer', 0, null, label, text, null from order_customers
    union all
    select 'order', record_id, 'shipment', 0, happened_at, label, text, null from order_shipments
    union all
    select 'order', record_id, 'destination', 0, null, label, text, null
    from order_destinations
    union all
    select 'order', record_id, 'history', place, happened_at, label, text, null
    from order_history

)

select * from facts
