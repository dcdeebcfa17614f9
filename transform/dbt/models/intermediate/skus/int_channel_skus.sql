with

ordered as (

    select source_instance, channel_sku, barcode, title, updated_at
    from {{ ref('int_channels__order_lines') }}

),

listed as (

    select
        source_instance,
        channel_sku,
        max(barcode) as barcode,
        max(product_title) as title,
        max(updated_at) as updated_at
    from {{ ref('int_channels__listings') }}
    group by source_instance, channel_sku

),

-- What was ordered of it, in one pass over all lines.
sold as (

    select
        source_instance,
        channel_sku,
        max(barcode) as barcode,
        max(title) as title,
        max(updated_at) as updated_at
    from ordered
    group by source_instance, channel_sku

)

select
    source_instance,
    channel_sku,
    coalesce(listed.barcode, sold.barcode) as barcode,
    coalesce(sold.title, listed.title) as title,
    greatest(sold.updated_at, listed.updated_at) as updated_at
from sold
full join listed using (source_instance, channel_sku)
