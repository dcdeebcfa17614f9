{#- One select for each kind of fact of a customer or a SKU; same columns, in this order. -#}
with

orders as (

    select *, cast(order_id as varchar) as record_id from {{ ref('orders') }}

),

requests as (

    select *, cast(order_id as varchar) as record_id from {{ ref('fulfillment_requests') }}

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

members as (

    select
        xref.*,
        xref.source_instance || ' ' || xref.source_object || ' ' || xref.source_id as label,
        {{ phrase(
            "'rule ' || xref.rule", 'rules.description', "case when xref.is_gone then 'gone there' end"
        ) }} as text
    from {{ ref('customer_xref') }} as xref
    left join rules on xref.rule = rules.rule

),

sku_stock as (

    select
        sku as record_id,
        coalesce(warehouse_name, warehouse_id) as label,
        on_hand || ' on hand, ' || allocated || ' allocated, ' || backordered || ' backordered, '
        || available || ' available' || case when is_low then ', low' else '' end as text
    from {{ ref('inventory_levels') }}

),

sku_requests as (

    select
        lines.sku as record_id,
        requests.created_at as happened_at,
        coalesce(orders.order_number, requests.source_id) as label,
        lines.quantity || ' wanted, ' || requests.gate_result as text
    from {{ ref('fulfillment_request_lines') }} as lines
    inner join requests on lines.fulfillment_request_id = requests.fulfillment_request_id
    left join orders on requests.order_id = orders.order_id
    where
        requests.gate_result != 'already_fulfilled'
        and coalesce(orders.status, '') not in ('shipped', 'delivered', 'returned', 'cancelled')

),

waiting_requests as (

    select distinct
        lines.source_instance || '/' || lines.channel_sku as record_id,
        requests.created_at as happened_at,
        coalesce(orders.order_number, requests.source_id) as label,
        requests.gate_result as text
    from {{ ref('int_request_lines') }} as lines
    inner join requests on lines.fulfillment_request_id = requests.fulfillment_request_id
    left join orders on requests.order_id = orders.order_id
    where not lines.is_mapped and lines.wanted_quantity > 0

),

facts as (

    select
        'customer' as kind, cast(customer_id as varchar) as record_id, 'key' as section, 0 as place,
        cast(null as timestamptz) as happened_at, 'customer_id' as label,
        cast(customer_id as varchar) as text, cast(null as varchar) as next_step
    from {{ ref('customers') }}
    union all
    select 'customer', cast(customer_id as varchar), 'source', 0, source_created_at,
        label, text, null
    from members
    union all
    select 'customer', cast(customer_id as varchar), 'order', 0, placed_at,
        order_number, {{ phrase('status', 'source_order_id') }}, null
    from orders
    union all
    select 'sku', sku, 'state', 0, null, case when active then 'active' else 'not active' end,
        {{ phrase('description', "'UPC ' || upc", "source_instance || ' product ' || source_id") }},
        null
    from {{ ref('items') }}
    union all
    select 'sku', sku, 'key', 0, null, 'item_id', cast(item_id as varchar), null
    from {{ ref('items') }}
    union all
    select 'sku', sku, 'key', 0, null,
        'inventory_level_id', cast(inventory_level_id as varchar), null
    from {{ ref('inventory_levels') }}
    union all
    select 'sku', record_id, 'stock', 0, null, label, text, null from sku_stock
    union all
    select 'sku', sku, 'mapping', 0, null, source_instance || ' ' || channel_sku,
        'is ' || quantity || ' × ' || sku || ' (rule ' || rule || ')', null
    from {{ ref('sku_map') }}
    where sku is not null
    union all
    select 'sku', record_id, 'order', 0, happened_at, label, text, null from sku_requests
    union all
    select 'channel_sku', sku_map.source_instance || '/' || sku_map.channel_sku, 'mapping', 0, null,
        sku_map.source_instance || ' ' || sku_map.channel_sku,
        'unmapped' || coalesce(', perhaps ' || candidates.candidates, ', nothing looks like it'),
        'map it in decisions/sku_map.csv'
    from sku_map
    left join candidates
        on
            sku_map.source_instance = candidates.source_instance
            and sku_map.channel_sku = candidates.channel_sku
    where sku_map.rule = 'unmapped'
    union all
    select 'channel_sku', record_id, 'order', 0, happened_at, label, text, null
    from waiting_requests

)

select * from facts
