with

orders as (

    select * from {{ ref('orders') }}

),

requests as (

    select * from {{ ref('fulfillment_requests') }}

),

customers as (

    select customer_id, source_instance, source_object, source_id from {{ ref('customer_xref') }}

),

records as (

    select source_instance, source_object, source_id, email, phone
    from {{ ref('int_identity__records') }}

),

order_terms as (

    select order_id, order_number as term from orders
    union all
    select order_id, ltrim(order_number, '#') from orders
    union all
    select order_id, source_order_id from orders
    union all
    select order_id, source_id from orders
    union all
    select order_id, cast(order_id as varchar) from orders
    union all
    select order_id, source_id from requests
    union all
    select order_id, cast(fulfillment_request_id as varchar) from requests
    union all
    select order_id, partner_order_id from requests
    union all
    select order_id, wms_order_id from requests
    union all
    select order_id, tracking_number from {{ ref('fulfillment_packages') }}
    union all
    select cast(sync_key as uuid), destination_id
    from {{ ref('stg_journal__acknowledged') }}
    where sync = 'sync_hubspot__orders'

),

customer_terms as (

    select customer_id, cast(customer_id as varchar) as term from customers
    union all
    select customer_id, source_id from customers
    where source_object != 'order'
    union all
    select customers.customer_id, records.email
    from customers
    inner join records using (source_instance, source_object, source_id)
    union all
    select customers.customer_id, records.phone
    from customers
    inner join records using (source_instance, source_object, source_id)

),

sku_terms as (

    select sku, sku as term from {{ ref('items') }}
    union all
    select sku, upc from {{ ref('items') }}
    union all
    select sku, channel_sku from {{ ref('sku_map') }}
    where sku is not null

),

named as (

    select distinct
        'order' as kind,
        cast(order_terms.order_id as varchar) as record_id,
        order_terms.term,
        {{ phrase('orders.order_number', 'orders.source_order_id', 'orders.source_instance') }}
            as label
    from order_terms
    inner join orders on order_terms.order_id = orders.order_id

    union all

    select distinct
        'customer' as kind,
        cast(customer_id as varchar) as record_id,
        term,
        cast(customer_id as varchar) as label
    from customer_terms

    union all

    select distinct 'sku' as kind, sku as record_id, term, sku as label
    from sku_terms

    union all

    select distinct
        'channel_sku' as kind,
        source_instance || '/' || channel_sku as record_id,
        channel_sku as term,
        {{ phrase('channel_sku', 'source_instance', "'unmapped'") }} as label
    from {{ ref('sku_map') }}
    where sku is null

)

select
    lower(trim(term)) as term,
    kind,
    record_id,
    label
from named
where coalesce(trim(term), '') != ''
