{{ config(enabled=has_account('wms_sftp')) }}

with

raw_lines as (

    select
        source_instance,
        nullif(trim(order_number), '') as order_number,
        nullif(trim(line_number), '') as line_number,
        nullif(trim(sku), '') as sku,
        quantity,
        status,
        nullif(concat_ws(': ', nullif(reason_code, ''), nullif(reason, '')), '') as reason,
        coalesce(acknowledged_at, file_time) as told_at,
        coalesce(file_time, acknowledged_at) as filed_at,
        line as place,
        "_crossdock_read_at" as read_at,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('wms_sftp', 'acknowledgements') }}
    where "_sdc_deleted_at" is null

),

-- What was taken on stays so: a later refusal is of the same line sent twice. Of several answers
-- of one kind the last counts.
last_answers as (

    select *
    from raw_lines
    where order_number is not null
    qualify row_number() over (
        partition by source_instance, order_number, line_number
        order by status = 'accepted' desc, filed_at desc, place desc
    ) = 1

)

select
    source_instance,
    order_number,
    line_number,
    sku,
    quantity,
    status,
    status = 'rejected' as is_refused,
    case when status = 'rejected' then reason end as refusal_reason,
    told_at,
    read_at,
    loaded_at
from last_answers
