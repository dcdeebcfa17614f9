{{ config(enabled=has_account('mailbox')) }}

with

lines as (

    select * from {{ ref('stg_mailbox__order_lines') }}

)

select
    source_instance,
    order_source_id as request_source_id,
    line_source_id as request_line_source_id,
    line_source_id,
    quantity as total_quantity,
    unfulfilled_quantity as remaining_quantity,
    loaded_at
from lines
