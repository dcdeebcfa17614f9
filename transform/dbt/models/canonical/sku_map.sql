with

channel_skus as (

    select
        *,
        split_part(source_instance, ':', 1) as system,
        {{ barcode_key('barcode') }} as barcode_key,
        {{ barcode_key('channel_sku') }} as sku_as_barcode
    from {{ ref('int_channel_skus') }}

),

decisions as (

    select * from {{ ref('int_sku_decisions') }}
    where is_usable

),

items as (

    select sku from {{ ref('items') }}

),

-- A barcode on two SKUs identifies neither.
barcodes as (

    select barcode, sku from {{ ref('int_item_barcodes') }}
    where sku_count = 1

),

ways as (

    select
        channel_skus.source_instance,
        channel_skus.channel_sku,
        decisions.sku,
        decisions.quantity,
        decisions.decided_by as rule,
        decisions.who,
        decisions.why,
        case decisions.decided_by when 'person' then 0 else 10 end
        + case decisions.channel
            when channel_skus.source_instance then 1
            when channel_skus.system then 2
            else 3
        end as precedence
    from channel_skus
    inner join decisions on channel_skus.channel_sku = decisions.channel_sku
    where decisions.channel in (channel_skus.source_instance, channel_skus.system, '*')

    union all by name

    select source_instance, channel_sku, sku, 1 as quantity, 'exact' as rule, 20 as precedence
    from channel_skus
    inner join items on channel_skus.channel_sku = items.sku

    union all by name

    select source_instance, channel_sku, sku, 1 as quantity, 'upc' as rule, 30 as precedence
    from channel_skus
    inner join barcodes on channel_skus.barcode_key = barcodes.barcode

    union all by name

    -- Some shops write the barcode where the SKU belongs.
    select source_instance, channel_sku, sku, 1 as quantity, 'upc' as rule, 31 as precedence
    from channel_skus
    inner join barcodes on channel_skus.sku_as_barcode = barcodes.barcode

),

chosen as (

    select *
    from ways
    qualify precedence = min(precedence) over (partition by source_instance, channel_sku)

)

select
    {{ canonical_id(
        'sku_map', 'channel_skus.source_instance', 'channel_skus.channel_sku', 'chosen.sku'
    ) }} as sku_map_id,
    channel_skus.source_instance,
    channel_skus.channel_sku,
    chosen.sku,
    cast(chosen.quantity as bigint) as quantity,
    coalesce(chosen.rule, 'unmapped') as rule,
    cast(count(chosen.sku) over of_channel_sku as bigint) as component_count,
    cast(sum(chosen.quantity) over of_channel_sku as bigint) as units,
    chosen.who as decided_by,
    chosen.why as decided_because,
    channel_skus.title,
    channel_skus.barcode,
    channel_skus.updated_at as last_updated_at
from channel_skus
left join chosen
    on
        channel_skus.source_instance = chosen.source_instance
        and channel_skus.channel_sku = chosen.channel_sku
window of_channel_sku as (
    partition by channel_skus.source_instance, channel_skus.channel_sku
)
