with

refunds as (

    select * from {{ ref('int_refunds') }}

)

select
    refund_id,
    order_id,
    return_id,
    source_instance,
    refund_source_id as source_id,
    refunded_at,
    currency,
    presentment_currency,
    amount,
    presentment_amount,
    quantity,
    cancelled_quantity,
    returned_quantity,
    note,
    updated_at as last_updated_at
from refunds
