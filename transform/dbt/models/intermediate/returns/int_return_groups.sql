with

records as (

    select * from {{ ref('int_return_records') }}

),

-- A record that does not name its order is of the order of the others with its number, if there is
-- only one: two shops may give the same number.
orders_of_number as (

    select
        rma_key,
        min(order_id) as order_id,
        count(distinct order_id) as order_count
    from records
    where rma_key is not null
    group by rma_key

),

placed as (

    select
        records.*,
        coalesce(records.order_id, case when orders_of_number.order_count = 1
            then orders_of_number.order_id
        end) as known_order_id,
        -- Without a number, or with one that two orders have, it stands alone.
        case
            when records.rma_key is not null
                and (records.order_id is not null or orders_of_number.order_count < 2)
                then records.rma_key
        end as group_key
    from records
    left join orders_of_number on records.rma_key = orders_of_number.rma_key

)

select
    return_record_id,
    system_kind,
    source_instance,
    source_id,
    known_order_id as order_id,
    created_at,
    group_key as rma_key,
    case
        when group_key is null then return_record_id
        else {{ canonical_id('return_group', 'known_order_id', 'group_key') }}
    end as return_group_id
from placed
