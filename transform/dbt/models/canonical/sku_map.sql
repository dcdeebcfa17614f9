with

offered as (

    select source_instance, channel_sku, barcode, title, updated_at
    from {{ ref('int_channels__order_lines') }}

    union all

    select source_instance, channel_sku, barcode, product_title as title, updated_at
    from {{ ref('int_channels__listings') }}

),

channel_skus as (

    select
        source_instance,
        channel_sku,
        max(barcode) as barcode,
        max(title) as title,
        max(updated_at) as last_updated_at
    from offered
    group by source_instance, channel_sku

),

decisions as (

    select * from {{ ref('int_sku_decisions') }}
    where is_usable

),

items as (

    select
        sku,
        {{ barcode_key('upc') }} as barcode
    from {{ ref('items') }}

),

-- A barcode on two SKUs identifies neither.
barcodes as (

    select
        barcode,
        max(sku) as sku
    from items
    where barcode is not null
    group by barcode
    having count(*) = 1

),

ways as (

    select
        channel_skus.*,
        decisions.sku,
        decisions.quantity,
        decisions.decided_by as rule,
        case decisions.decided_by when 'person' then 0 else 10 end
        + case decisions.channel
            when channel_skus.source_instance then 1
            when split_part(channel_skus.source_instance, ':', 1) then 2
            else 3
        end as precedence
    from channel_skus
    inner join decisions
        on
            channel_skus.channel_sku = decisions.channel_sku
            and decisions.channel in (
                channel_skus.source_instance, split_part(channel_skus.source_instance, ':', 1), '*'
            )

    union all

    select channel_skus.*, items.sku, 1 as quantity, 'exact' as rule, 20 as precedence
    from channel_skus
    inner join items on channel_skus.channel_sku = items.sku

    union all

    select channel_skus.*, barcodes.sku, 1 as quantity, 'upc' as rule, 30 as precedence
    from channel_skus
    inner join barcodes on {{ barcode_key('channel_skus.barcode') }} = barcodes.barcode

    union all

    -- Some shops write the barcode where the SKU belongs.
    select channel_skus.*, barcodes.sku, 1 as quantity, 'upc' as rule, 31 as precedence
    from channel_skus
    inner join barcodes on {{ barcode_key('channel_skus.channel_sku') }} = barcodes.barcode

    union all

    select
        channel_skus.*,
        cast(null as varchar) as sku,
        cast(null as bigint) as quantity,
        'unmapped' as rule,
        40 as precedence
    from channel_skus

),

chosen as (

    select *
    from ways
    qualify precedence = min(precedence) over (partition by source_instance, channel_sku)

)

select
    {{ canonical_id('sku_map', 'source_instance', 'channel_sku', 'sku') }} as sku_map_id,
    source_instance,
    channel_sku,
    sku,
    cast(quantity as bigint) as quantity,
    rule,
    title,
    barcode,
    last_updated_at
from chosen
