{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        post_hook='{{ remember_changed_orders() }}',
    )
}}

with

sent as (

    select
        facts.fulfillment_request_id,
        facts.order_id,
        facts.created_at,
        facts.request_source_id,
        orders.source_order_id
    from {{ of_changed_orders(ref('int_request_facts')) }} as facts
    inner join {{ ref('int_gate') }} as gate
        on facts.fulfillment_request_id = gate.fulfillment_request_id
    inner join {{ ref('int_orders') }} as orders on facts.order_id = orders.order_id
    where gate.gate_result = 'sent'

),

-- What the warehouse holds counts before what it confirmed, and that before what was given here.
known as (

    select fulfillment_request_id, partner_order_id, 1 as precedence
    from {{ ref('int_wms_orders') }}

    union all

    select fulfillment_request_id, partner_order_id, 2 as precedence
    from {{ ref('int_confirmed_requests') }}
    where partner_order_id is not null

    {% if is_incremental() %}
    union all

    select fulfillment_request_id, partner_order_id, 3 as precedence
    from {{ this }}
    {% endif %}

),

taken as (

    select
        sent.order_id,
        max(coalesce(
            {{ safe_integer('substr(known.partner_order_id, length(sent.source_order_id) + 2)') }},
            1
        )) as last_number
    from known
    inner join sent on known.fulfillment_request_id = sent.fulfillment_request_id
    group by sent.order_id

),

numbered as (

    select
        sent.*,
        known.partner_order_id as known_order_id,
        coalesce(taken.last_number, 0) + row_number() over (
            partition by sent.order_id, known.partner_order_id is null
            order by sent.created_at, length(sent.request_source_id), sent.request_source_id
        ) as next_number
    from sent
    left join known on sent.fulfillment_request_id = known.fulfillment_request_id
    left join taken on sent.order_id = taken.order_id
    qualify row_number() over (
        partition by sent.fulfillment_request_id order by known.precedence
    ) = 1

)

select
    fulfillment_request_id,
    order_id,
    coalesce(
        known_order_id,
        source_order_id || case when next_number > 1 then '-' || next_number else '' end
    ) as partner_order_id
from numbered
{% if is_incremental() %}
where fulfillment_request_id not in (select t.fulfillment_request_id from {{ this }} as t)
{% endif %}
