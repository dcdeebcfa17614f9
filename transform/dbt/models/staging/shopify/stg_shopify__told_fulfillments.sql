{{ config(enabled='shopify' in told_channels()) }}

with

raw_orders as (

    select
        source_instance,
        fulfillments,
        {{ gid_number('id') }} as order_source_id,
        "_crossdock_read_at" as read_at,
        "_sdc_deleted_at" is not null as is_order_gone
    from {{ raw('shopify', 'orders') }}
    where json_array_length(fulfillments) > 0

),

fulfillments as (

    select
        * exclude (fulfillments),
        {{ unnest_records('fulfillments', ['id', 'status', 'trackingInfo']) }} as fulfillment
    from raw_orders

),

parcels as (

    select
        *,
        list_sort(list_filter(
            from_json(
                {{ json_field('fulfillment', 'trackingInfo') }},
                '[{"number": "VARCHAR", "company": "VARCHAR", "url": "VARCHAR"}]'
            ),
            lambda parcel: parcel.number is not null
        )) as parcels
    from fulfillments

)

select
    source_instance as destination_instance,
    {{ json_field('fulfillment', 'id') }} as destination_id,
    order_source_id,
    read_at,
    is_order_gone or {{ json_field('fulfillment', 'status') }} = 'CANCELLED' as is_gone,
    {{ observed_text('list_filter(parcels, lambda p: p.company is not null)[1].company') }}
        as tracking_company,
    cast(to_json(list_transform(parcels, lambda p: p.number)) as varchar) as tracking_numbers,
    cast(to_json(list_transform(parcels, lambda p: p.url)) as varchar) as tracking_urls
from parcels
