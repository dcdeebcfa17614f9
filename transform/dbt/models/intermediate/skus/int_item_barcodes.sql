with

warehouse_items as (

    select sku, barcode from {{ ref('int_warehouses__items') }}

),

listings as (

    select channel_sku, barcode from {{ ref('int_channels__listings') }}

),

-- What a shop lists under an internal SKU is that item, so its barcode is the item's.
barcodes as (

    select
        sku,
        {{ barcode_key('barcode') }} as barcode
    from warehouse_items

    union

    select
        listings.channel_sku as sku,
        {{ barcode_key('listings.barcode') }} as barcode
    from listings
    inner join warehouse_items on listings.channel_sku = warehouse_items.sku

)

select
    barcode,
    sku,
    count(*) over (partition by barcode) as sku_count
from barcodes
where barcode is not null
