{{ config(materialized='view') }}

-- What the warehouses and carriers told of our orders, and when it was loaded.

with

wms_orders as (

    select
        destination_instance as source_instance,
        destination_id as wms_order_id,
        partner_order_id,
        regexp_replace(partner_order_id, '-[0-9]+$', '') as base_order_id,
        coalesce(merged_into_id, destination_id) as leaves_with_id,
        loaded_at
    from {{ ref('int_warehouses__orders') }}

),

-- Also those that are gone.
shipments as (

    select
        cast(null as varchar) as source_instance,
        cast(null as varchar) as shipment_source_id,
        cast(null as varchar) as wms_order_id,
        cast(null as timestamptz) as loaded_at
    where false
    {% for system in warehouses() %}
    union all

    select source_instance, shipment_source_id, wms_order_id, loaded_at
    from {{ ref('stg_' ~ system ~ '__shipments') }}
    {% endfor %}

),

returns as (

    select source_instance, wms_order_id, loaded_at from {{ ref('int_warehouses__returns') }}

),

packages as (

    select
        source_instance,
        shipment_source_id,
        {{ tracking_key('tracking_number') }} as tracking_key
    from {{ ref('int_warehouses__packages') }}

),

trackers as (

    select
        {{ tracking_key('tracking_number') }} as tracking_key,
        loaded_at
    from {{ ref('int_carriers__trackers') }}

),

orders as (

    select
        orders.order_id,
        {{ source_order_id('orders', 'settings') }} as source_order_id
    from {{ ref('int_channels__orders') }} as orders
    left join {{ ref('instance_settings') }} as settings
        on orders.source_instance = settings.instance

),

told as (

    select source_instance, wms_order_id, loaded_at from wms_orders

    union all

    select source_instance, wms_order_id, loaded_at from shipments

    union all

    select source_instance, wms_order_id, loaded_at from returns

    union all

    select shipments.source_instance, shipments.wms_order_id, trackers.loaded_at
    from trackers
    inner join packages on trackers.tracking_key = packages.tracking_key
    inner join shipments
        on
            packages.source_instance = shipments.source_instance
            and packages.shipment_source_id = shipments.shipment_source_id

),

-- Orders that leave in the same parcels change together.
numbers as (

    select told.loaded_at, together.partner_order_id, together.base_order_id
    from told
    inner join wms_orders
        on
            told.source_instance = wms_orders.source_instance
            and told.wms_order_id = wms_orders.wms_order_id
    inner join wms_orders as together
        on
            wms_orders.source_instance = together.source_instance
            and wms_orders.leaves_with_id = together.leaves_with_id

)

-- A further request of an order has its number and one more (`shop_7-2`).
select orders.order_id, numbers.loaded_at
from numbers
inner join orders on numbers.partner_order_id = orders.source_order_id

union all

select orders.order_id, numbers.loaded_at
from numbers
inner join orders on numbers.base_order_id = orders.source_order_id
where numbers.base_order_id != numbers.partner_order_id
