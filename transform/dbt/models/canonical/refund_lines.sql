with

refund_lines as (

    select * from {{ ref('int_refund_lines') }}

)

select
    refund_line_id,
    refund_id,
    order_id,
    order_line_id,
    source_instance,
    refund_line_source_id as source_id,
    channel_sku,
    quantity,
    restock_type,
    vendor_restock_type,
    is_restocked,
    amount,
    tax_amount,
    presentment_amount,
    updated_at as last_updated_at
from refund_lines
