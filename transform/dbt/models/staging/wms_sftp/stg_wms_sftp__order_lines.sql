{{ config(enabled=has_account('wms_sftp')) }}

with

acknowledged as (

    select * from {{ ref('stg_wms_sftp__acknowledgements') }}
    where line_number is not null

),

confirmed as (

    select
        source_instance,
        order_number,
        coalesce(line_number, sku) as line_number,
        min(sku) as sku,
        max(ordered) as ordered,
        sum(quantity) as quantity_shipped,
        bool_or(status = 'cut') as is_cut,
        max(shipped_at) as told_at
    from {{ ref('stg_wms_sftp__confirmations') }}
    where status is distinct from 'voided'
    group by source_instance, order_number, coalesce(line_number, sku)

),

-- Either word may come first, and the other not at all.
told as (

    select
        coalesce(acknowledged.source_instance, confirmed.source_instance) as source_instance,
        coalesce(acknowledged.order_number, confirmed.order_number) as order_number,
        coalesce(acknowledged.line_number, confirmed.line_number) as line_number,
        coalesce(acknowledged.sku, confirmed.sku) as sku,
        coalesce(acknowledged.quantity, confirmed.ordered, confirmed.quantity_shipped) as quantity,
        coalesce(confirmed.quantity_shipped, 0) as quantity_shipped,
        coalesce(acknowledged.is_refused, false) and confirmed.order_number is null as is_refused,
        coalesce(confirmed.is_cut, false) as is_cut,
        acknowledged.refusal_reason,
        greatest(acknowledged.told_at, confirmed.told_at) as updated_at
    from acknowledged
    full outer join confirmed
        on
            acknowledged.source_instance = confirmed.source_instance
            and acknowledged.order_number = confirmed.order_number
            and acknowledged.line_number = confirmed.line_number

)

select
    told.source_instance,
    told.order_number as wms_order_id,
    told.order_number || '/' || told.line_number as wms_line_id,
    told.line_number as partner_line_item_id,
    sku,
    quantity,
    quantity_shipped,
    case
        when is_refused then quantity
        when is_cut then greatest(quantity - quantity_shipped, 0)
        else 0
    end as quantity_cancelled,
    case
        when is_refused then coalesce(refusal_reason, 'refused')
        when is_cut and quantity_shipped < quantity then 'cut'
    end as refusal_reason,
    updated_at,
    loaded.loaded_at
from told
inner join {{ ref('stg_wms_sftp__orders_loaded') }} as loaded
    on
        told.source_instance = loaded.source_instance
        and told.order_number = loaded.order_number
where quantity is not null
