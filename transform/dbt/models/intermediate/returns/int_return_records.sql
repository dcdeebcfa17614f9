with

shop_returns as (

    select
        'shop' as system_kind,
        source_instance,
        return_source_id as source_id,
        rma_id,
        {{ canonical_id('order', 'source_instance', 'order_source_id') }} as order_id,
        vendor_status,
        decline_reason as note,
        created_at,
        closed_at,
        updated_at
    from {{ ref('int_channels__returns') }}

),

wms_returns as (

    select
        'wms' as system_kind,
        source_instance,
        return_source_id as source_id,
        rma_id,
        order_id,
        vendor_status,
        cast(null as varchar) as note,
        created_at,
        cast(null as timestamptz) as closed_at,
        loaded_at as updated_at
    from {{ ref('int_return_records__wms') }}

),

words as (

    select system, value, meaning from {{ ref('return_words') }}
    where object = 'status'

),

said as (

    select
        records.*,
        words.meaning as status,
        {{ number_key('records.rma_id') }} as rma_key
    from (
        select * from shop_returns
        union all
        select * from wms_returns
    ) as records
    left join words
        on
            split_part(records.source_instance, ':', 1) = words.system
            and records.vendor_status = words.value

),

tickets as (

    select
        *,
        {{ number_key('rma_id') }} as rma_key
    from {{ ref('int_return_tickets') }}

),

ticket_words as (

    select
        source_instance,
        ticket_id,
        {{ unnest_numbers('subject') }} as word
    from tickets
    where rma_key is null

),

-- A number in a ticket's subject is its RMA number if it is one that shop or warehouse know.
subject_numbers as (

    select
        ticket_words.source_instance,
        ticket_words.ticket_id,
        min(said.rma_key) as rma_key
    from ticket_words
    inner join said on {{ number_key('ticket_words.word') }} = said.rma_key
    group by ticket_words.source_instance, ticket_words.ticket_id
    having count(distinct said.rma_key) = 1

),

records as (

    select * from said

    union all by name

    select
        'crm' as system_kind,
        tickets.source_instance,
        tickets.ticket_id as source_id,
        tickets.rma_id,
        tickets.order_id,
        tickets.pipeline || '/' || tickets.stage as vendor_status,
        tickets.subject as note,
        tickets.created_at,
        case when tickets.status = 'closed' then tickets.updated_at end as closed_at,
        tickets.updated_at,
        tickets.status,
        coalesce(tickets.rma_key, subject_numbers.rma_key) as rma_key
    from tickets
    left join subject_numbers
        on
            tickets.source_instance = subject_numbers.source_instance
            and tickets.ticket_id = subject_numbers.ticket_id

)

select
    {{ canonical_id('return_record', 'source_instance', 'source_id') }} as return_record_id,
    *
from records
