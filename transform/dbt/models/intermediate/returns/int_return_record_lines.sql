with

shop_lines as (

    select * from {{ ref('int_return_lines__shop') }}

),

wms_lines as (

    select * from {{ ref('int_return_lines__wms') }}

),

words as (

    select system, object, value, meaning from {{ ref('return_words') }}

),

named_wms_lines as (

    select
        wms_lines.*,
        coalesce(dispositions.meaning, case
            when wms_lines.restocked_quantity > 0
                and wms_lines.restocked_quantity >= wms_lines.received_quantity then 'restocked'
            when conditions.meaning = 'damaged' then 'held'
        end) as disposition,
        coalesce(conditions.meaning, wms_lines.vendor_condition) as condition
    from wms_lines
    left join words as dispositions
        on
            dispositions.object = 'disposition'
            and dispositions.system = '*'
            and lower(wms_lines.vendor_disposition) = dispositions.value
    left join words as conditions
        on
            conditions.object = 'condition'
            and conditions.system = '*'
            and lower(wms_lines.vendor_condition) = conditions.value

),

-- Parts of a kit in units of the kit: the scarcest part counts.
parts as (

    select
        return_record_id,
        order_line_id,
        fulfillment_request_line_id,
        case when order_line_id is null then sku end as sku,
        sum(expected_quantity) / min(quantity_per_unit) as expected,
        sum(received_quantity) / min(quantity_per_unit) as received,
        sum(restocked_quantity) / min(quantity_per_unit) as restocked,
        sum(received_quantity) filter (disposition = 'scrapped') / min(quantity_per_unit)
            as scrapped,
        {{ joined('vendor_reason') }} as reason,
        {{ joined('condition') }} as condition,
        {{ joined('disposition') }} as disposition,
        max(updated_at) as updated_at
    from named_wms_lines
    group by
        return_record_id, order_line_id, fulfillment_request_line_id,
        case when order_line_id is null then sku end

),

warehouse as (

    select
        return_record_id,
        'wms' as system_kind,
        order_line_id,
        sku,
        cast(floor(min(expected)) as bigint) as requested_quantity,
        cast(floor(min(received)) as bigint) as received_quantity,
        cast(floor(min(restocked)) as bigint) as restocked_quantity,
        cast(floor(max(coalesce(scrapped, 0))) as bigint) as scrapped_quantity,
        cast(0 as bigint) as refunded_quantity,
        {{ joined('reason') }} as reason,
        {{ joined('condition') }} as condition,
        {{ joined('disposition') }} as disposition,
        max(updated_at) as updated_at
    from parts
    group by return_record_id, order_line_id, sku

),

shop as (

    select
        shop_lines.return_record_id,
        'shop' as system_kind,
        shop_lines.order_line_id,
        case when shop_lines.order_line_id is null then shop_lines.channel_sku end as sku,
        sum(shop_lines.quantity) as requested_quantity,
        sum(shop_lines.processed_quantity) as received_quantity,
        cast(0 as bigint) as restocked_quantity,
        cast(0 as bigint) as scrapped_quantity,
        sum(shop_lines.refunded_quantity) as refunded_quantity,
        {{ joined('coalesce(words.meaning, shop_lines.vendor_reason)') }} as reason,
        cast(null as varchar) as condition,
        cast(null as varchar) as disposition,
        max(shop_lines.updated_at) as updated_at
    from shop_lines
    left join words
        on
            words.object = 'reason'
            and split_part(shop_lines.source_instance, ':', 1) = words.system
            and shop_lines.vendor_reason = words.value
    group by
        shop_lines.return_record_id, shop_lines.order_line_id,
        case when shop_lines.order_line_id is null then shop_lines.channel_sku end

),

lines as (

    select * from warehouse
    union all
    select * from shop

)

select
    *,
    coalesce(cast(order_line_id as varchar), 'sku:' || sku, '?') as line_key
from lines
