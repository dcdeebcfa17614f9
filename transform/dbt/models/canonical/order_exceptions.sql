{{ per_order() }}

{#- Each kind of exception of a request: when it applies, what exactly, and since when. -#}
{% set still_open = "wms_status not in ('cancelled', 'rejected')" %}
{% set kinds = {
    'intercept': ["cancelled_at is not null and has_left and order_status not in ('delivered', 'returned')",
        "coalesce(tracking_numbers, 'no tracking number')", 'cancelled_at'],
    'cancel_refused': ['cancelled_at is not null and wms_open > 0 and is_beyond_change',
        "coalesce(vendor_status, wms_status)", 'cancelled_at'],
    'cancel_requested': ["cancelled_at is not null and not is_beyond_change and not has_left and ("
        ~ still_open ~ ' or wms_status is null)',
        "coalesce(vendor_status, 'confirmed, not read yet')", 'cancelled_at'],
    'hold_after_sending': ["cancelled_at is null and shop_reason in ('channel_hold', 'unpaid', 'scheduled')
        and wms_open > 0", 'shop_reason', 'updated_at'],
    'edit_after_picking': ['cancelled_at is null and lines_apart is not null and is_beyond_change and ' ~ still_open,
        'lines_apart', 'order_updated_at'],
    'edit_after_sending': ['cancelled_at is null and lines_apart is not null and not is_beyond_change',
        'lines_apart', 'order_updated_at'],
    'moved_after_sending': ['cancelled_at is null and wanted_warehouse_instance is distinct from warehouse_instance
        and (wms_open > 0 or wms_status is null)',
        "'from ' || warehouse_instance || ' to ' || coalesce(location_name, 'no location')", 'updated_at'],
    'cancelled_in_wms': ["cancelled_at is null and wms_status = 'cancelled' and shop_open > 0 and not is_merged",
        "shop_open || ' units'", 'wms_updated_at'],
    'rejected_in_wms': ["wms_status = 'rejected'", "coalesce(vendor_status, wms_status)", 'wms_updated_at'],
    'gone_in_wms': ['is_gone and not has_left and cancelled_at is null', 'partner_order_id', 'wms_updated_at'],
    'merged_in_wms': ['is_merged and not has_left and ' ~ still_open, "'into ' || merged_into_id", 'wms_updated_at'],
    'unknown_wms_status': ["wms_status = 'unknown'", 'vendor_status', 'wms_updated_at'],
} %}

with

requests as (

    select * from {{ of_changed_orders(ref('fulfillment_requests')) }}
    where is_held_by_wms

),

gate as (

    select fulfillment_request_id, shop_reason
    from {{ of_changed_orders(ref('int_gate')) }}

),

orders as (

    select order_id, source_instance, source_id, cancelled_at, updated_at
    from {{ of_changed_orders(ref('int_orders')) }}

),

wms_orders as (

    select * from {{ of_changed_orders(ref('int_wms_orders')) }}

),

states as (

    select * from {{ of_changed_orders(ref('int_order_states')) }}

),

fulfillments as (

    select fulfillment_request_id, tracking_numbers
    from {{ of_changed_orders(ref('fulfillments')) }}
    where is_shipped

),

progress as (

    select * from {{ of_changed_orders(ref('int_request_line_progress')) }}
    where requires_shipping

),

order_lines as (

    select order_line_id, channel_sku
    from {{ of_changed_orders(ref('int_channels__order_lines')) }}

),

line_progress as (

    select order_id, order_line_id, surplus_quantity
    from {{ of_changed_orders(ref('int_line_progress')) }}
    where surplus_quantity > 0

),

kinds as (

    select * from {{ ref('order_exception_kinds') }}

),

lines as (

    select
        progress.fulfillment_request_id,
        bool_or(progress.has_left) as has_left,
        sum(progress.shop_open_quantity) as shop_open,
        sum(progress.wms_open_quantity) as wms_open,
        string_agg(
            order_lines.channel_sku || ': shop ' || progress.shop_open_quantity
            || ', warehouse ' || progress.wms_open_quantity,
            '; ' order by order_lines.channel_sku
        ) filter (progress.shop_open_quantity != progress.wms_open_quantity) as lines_apart
    from progress
    inner join order_lines on progress.order_line_id = order_lines.order_line_id
    group by progress.fulfillment_request_id

),

parcels as (

    select
        fulfillment_request_id,
        {{ joined('tracking_numbers') }} as tracking_numbers
    from fulfillments
    group by fulfillment_request_id

),

known as (

    select
        requests.fulfillment_request_id,
        requests.order_id,
        requests.warehouse_instance,
        requests.wanted_warehouse_instance,
        requests.location_name,
        requests.partner_order_id,
        requests.wms_order_id,
        requests.wms_status,
        requests.is_beyond_change,
        requests.last_updated_at as updated_at,
        gate.shop_reason,
        orders.cancelled_at,
        orders.updated_at as order_updated_at,
        wms_orders.vendor_status,
        wms_orders.updated_at as wms_updated_at,
        coalesce(wms_orders.is_gone, false) as is_gone,
        wms_orders.merged_into_id,
        coalesce(wms_orders.merged_into_id != wms_orders.wms_order_id, false) as is_merged,
        states.status as order_status,
        coalesce(lines.has_left, false) as has_left,
        coalesce(lines.shop_open, 0) as shop_open,
        coalesce(lines.wms_open, 0) as wms_open,
        case when requests.wms_status not in ('cancelled', 'rejected') then lines.lines_apart end
            as lines_apart,
        parcels.tracking_numbers
    from requests
    inner join gate on requests.fulfillment_request_id = gate.fulfillment_request_id
    inner join orders on requests.order_id = orders.order_id
    inner join states on requests.order_id = states.order_id
    left join wms_orders on requests.fulfillment_request_id = wms_orders.fulfillment_request_id
    left join lines on requests.fulfillment_request_id = lines.fulfillment_request_id
    left join parcels on requests.fulfillment_request_id = parcels.fulfillment_request_id

),

found as (
    {% for kind, rule in kinds.items() %}
    select
        '{{ kind }}' as kind,
        order_id,
        fulfillment_request_id,
        cast(null as uuid) as order_line_id,
        {{ rule[1] }} as detail,
        {{ rule[2] }} as since,
        warehouse_instance as source_instance,
        wms_order_id as source_id
    from known
    where {{ rule[0] }}

    union all
    {% endfor %}
    select
        'surplus_shipped' as kind,
        line_progress.order_id,
        cast(null as uuid) as fulfillment_request_id,
        line_progress.order_line_id,
        order_lines.channel_sku || ': ' || line_progress.surplus_quantity || ' more' as detail,
        states.since,
        orders.source_instance,
        orders.source_id
    from line_progress
    inner join order_lines on line_progress.order_line_id = order_lines.order_line_id
    inner join orders on line_progress.order_id = orders.order_id
    inner join states on line_progress.order_id = states.order_id

    union all

    select
        'status_contradicted' as kind,
        states.order_id,
        cast(null as uuid) as fulfillment_request_id,
        cast(null as uuid) as order_line_id,
        states.status || ', and now ' || states.counted_status as detail,
        states.since,
        orders.source_instance,
        orders.source_id
    from states
    inner join orders on states.order_id = orders.order_id
    where states.is_contradicted

)

select
    {{ canonical_id(
        'order_exception', 'found.kind', 'found.order_id', 'found.fulfillment_request_id',
        'found.order_line_id'
    ) }} as order_exception_id,
    found.order_id,
    found.fulfillment_request_id,
    found.kind,
    kinds.rank,
    kinds.description,
    found.detail,
    kinds.what_to_do,
    found.since,
    found.source_instance,
    found.source_id,
    found.since as last_updated_at
from found
left join kinds on found.kind = kinds.kind
