{#- Each rule of the gate: its reason, and when it applies. Their order is the seed's. -#}
{% set rules = {
    'not_ours': 'not is_ours',
    'no_shipping': "delivery = 'no_shipping' or not has_shipping",
    'test': 'is_test',
    'before_go_live': 'is_before_go_live',
    'already_fulfilled': 'is_fulfilled_in_shop',
    'cancelled': "cancelled_at is not null or request_status in ('cancelled', 'closed') or wanted_quantity = 0",
    'unpaid': 'not is_paid',
    'channel_hold': "has_hold or request_status = 'on_hold'",
    'scheduled': "request_status = 'scheduled' or scheduled_for > now_at",
    'cooling_off': 'placed_at + cooling_off > now_at',
    'unmapped_sku': 'has_unmapped_sku',
    'unmapped_method': 'wms_method is null',
    'unmapped_value': 'has_unmapped_value',
    'bad_address': 'has_bad_address',
} %}

with

facts as (

    select
        *,
        {{ business_now() }} as now_at,
        {{ cooling_off() }} as cooling_off
    from {{ ref('int_request_facts') }}

),

reasons as (

    select reason, rank from {{ ref('gate_reasons') }}

),

applying as (
    {% for reason, rule in rules.items() %}
    select fulfillment_request_id, '{{ reason }}' as reason
    from facts
    where {{ rule }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

first_reasons as (

    select
        applying.fulfillment_request_id,
        min_by(applying.reason, reasons.rank) as reason
    from applying
    inner join reasons on applying.reason = reasons.reason
    group by applying.fulfillment_request_id

),

-- What a warehouse holds is its own affair from then on: it stays sent.
held_by_wms as (

    select fulfillment_request_id from {{ ref('int_wms_orders') }}

    union

    select cast(sync_key as uuid) as fulfillment_request_id
    from {{ ref('stg_journal__acknowledged') }}
    where sync = 'sync_shiphero__orders'

)

select
    facts.fulfillment_request_id,
    held_by_wms.fulfillment_request_id is not null as is_held_by_wms,
    case
        when held_by_wms.fulfillment_request_id is not null then 'sent'
        else coalesce(first_reasons.reason, 'sent')
    end as gate_result
from facts
left join first_reasons on facts.fulfillment_request_id = first_reasons.fulfillment_request_id
left join held_by_wms on facts.fulfillment_request_id = held_by_wms.fulfillment_request_id
