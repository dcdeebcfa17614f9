with

tickets as (

    select * from {{ ref('stg_hubspot__tickets') }}

),

stages as (

    select * from {{ ref('return_stages') }}

),

-- The closest row speaks: of the account before the system, of the stage before the pipeline.
staged as (

    select
        tickets.*,
        coalesce(
            max(stages.status) filter (
                stages.instance = tickets.source_instance and stages.stage = tickets.stage
            ),
            max(stages.status) filter (stages.stage = tickets.stage),
            max(stages.status) filter (
                stages.instance = tickets.source_instance and coalesce(stages.stage, '') = ''
            ),
            max(stages.status) filter (coalesce(stages.stage, '') = '')
        ) as status
    from tickets
    inner join stages
        on
            tickets.pipeline = stages.pipeline
            and stages.instance in (
                tickets.source_instance, split_part(tickets.source_instance, ':', 1)
            )
    group by all

),

crm_orders as (

    select destination_instance, destination_id, crossdock_order_id, hs_external_order_id
    from {{ ref('stg_hubspot__orders') }}

),

joined_orders as (

    select source_instance, ticket_id, crm_order_id from {{ ref('stg_hubspot__ticket_orders') }}

),

orders as (

    select order_id, order_number, source_order_id from {{ ref('int_orders') }}

),

said as (

    select source_instance, ticket_id, 2 as precedence, order_number as word
    from staged
    where order_number is not null

    union all

    select source_instance, ticket_id, 3 as precedence, {{ unnest_numbers('subject') }} as word
    from staged

),

-- A shop writes #1001 where people write 1001.
spellings as (

    select source_instance, ticket_id, precedence, word from said
    union
    select source_instance, ticket_id, precedence, '#' || word from said

),

found as (

    select
        joined_orders.source_instance,
        joined_orders.ticket_id,
        1 as precedence,
        coalesce(
            try_cast(nullif(crm_orders.crossdock_order_id, '') as uuid), orders.order_id
        ) as order_id
    from joined_orders
    inner join crm_orders
        on
            joined_orders.source_instance = crm_orders.destination_instance
            and joined_orders.crm_order_id = crm_orders.destination_id
    left join orders on crm_orders.hs_external_order_id = orders.source_order_id

    union all

    select spellings.source_instance, spellings.ticket_id, spellings.precedence, orders.order_id
    from spellings
    inner join orders on spellings.word = orders.order_number

    union all

    select spellings.source_instance, spellings.ticket_id, spellings.precedence, orders.order_id
    from spellings
    inner join orders on spellings.word = orders.source_order_id

),

-- An order counts only where it is the only one that the best of these ways finds.
ways as (

    select
        source_instance,
        ticket_id,
        precedence,
        min(order_id) as order_id,
        count(distinct order_id) as order_count
    from found
    where order_id is not null
    group by source_instance, ticket_id, precedence
    qualify row_number() over (partition by source_instance, ticket_id order by precedence) = 1

)

select
    staged.source_instance,
    staged.ticket_id,
    staged.subject,
    staged.pipeline,
    staged.stage,
    staged.status,
    staged.rma_id,
    case when ways.order_count = 1 then ways.order_id end as order_id,
    staged.created_at,
    staged.updated_at
from staged
left join ways
    on
        staged.source_instance = ways.source_instance
        and staged.ticket_id = ways.ticket_id
