{{ config(enabled=has_account('wms_sftp')) }}

with

acknowledged as (

    select
        source_instance,
        order_number,
        bool_or(is_refused and line_number is null) as is_refused,
        max(read_at) as read_at,
        max(told_at) as told_at
    from {{ ref('stg_wms_sftp__acknowledgements') }}
    group by source_instance, order_number

),

confirmed as (

    select
        source_instance,
        order_number,
        max(read_at) as read_at,
        max(shipped_at) as told_at
    from {{ ref('stg_wms_sftp__confirmations') }}
    group by source_instance, order_number

),

lines as (

    select
        source_instance,
        wms_order_id as order_number,
        sum(quantity) as quantity,
        sum(quantity_shipped) as quantity_shipped,
        sum(quantity_cancelled) as quantity_cancelled
    from {{ ref('stg_wms_sftp__order_lines') }}
    group by source_instance, wms_order_id

),

told as (

    select
        coalesce(acknowledged.source_instance, confirmed.source_instance) as source_instance,
        coalesce(acknowledged.order_number, confirmed.order_number) as order_number,
        coalesce(acknowledged.is_refused, false) as is_refused,
        greatest(acknowledged.read_at, confirmed.read_at) as read_at,
        greatest(acknowledged.told_at, confirmed.told_at) as updated_at
    from acknowledged
    full outer join confirmed
        on
            acknowledged.source_instance = confirmed.source_instance
            and acknowledged.order_number = confirmed.order_number

)

select
    told.source_instance as destination_instance,
    told.order_number as destination_id,
    told.read_at,
    told.updated_at,
    false as is_gone,
    told.order_number as partner_order_id,
    told.order_number,
    -- Only orders of ours get there, and none of its files names the shop.
    cast(null as varchar) as shop_name,
    case
        when
            coalesce(lines.quantity_shipped, 0) = 0
            and (told.is_refused or lines.quantity_cancelled >= lines.quantity)
            then 'rejected'
        when lines.quantity_shipped + lines.quantity_cancelled >= lines.quantity then 'fulfilled'
        when lines.quantity_shipped > 0 then 'partially_fulfilled'
        else 'accepted'
    end as fulfillment_status,
    loaded.loaded_at
from told
inner join {{ ref('stg_wms_sftp__orders_loaded') }} as loaded
    on
        told.source_instance = loaded.source_instance
        and told.order_number = loaded.order_number
left join lines
    on
        told.source_instance = lines.source_instance
        and told.order_number = lines.order_number
