{#-
  Each rule of the gate: its reason, when it applies, and what exactly it is about, for the people
  in the warehouse. Their order is the seed's.
-#}
{% set rules = {
    'not_ours': ['not is_ours', "case
        when is_location_ambiguous then location_name || ': several warehouses are called that'
        else coalesce(location_name, 'no location named, and there are several warehouses') end"],
    'no_shipping': ["delivery = 'no_shipping' or not has_shipping",
        "case when delivery = 'no_shipping' then delivery_method else 'no line needs shipping' end"],
    'test': ['is_test', "'a test in ' || source_instance"],
    'before_go_live': ['is_before_go_live', "case when isinf(go_live_at) then 'no go-live date is set'
        else 'live since ' || " ~ local_time_label('go_live_at', 'time_zone') ~ " end"],
    'already_fulfilled': ['is_fulfilled_in_shop', "shop_shipped_quantity || ' units fulfilled in the shop'"],
    'cancelled': ["cancelled_at is not null or request_status in ('cancelled', 'closed')
        or wanted_quantity = 0", "case
        when cancelled_at is not null then concat_ws(', ',
            " ~ local_time_label('cancelled_at', 'time_zone') ~ ", cancel_reason)
        when request_status in ('cancelled', 'closed') then 'request ' || vendor_status
        else 'all of its units were taken out' end"],
    'unpaid': ['not is_paid', "coalesce(vendor_payment_status, 'no payment status')"],
    'channel_hold': ["has_hold or request_status = 'on_hold'", 'coalesce(hold_reason, vendor_status)'],
    'scheduled': ["request_status = 'scheduled' or scheduled_for > now_at",
        "coalesce('until ' || " ~ local_time_label('scheduled_for', 'time_zone') ~ ", vendor_status)"],
    'cooling_off': ['rests_until > now_at', "'until ' || " ~ local_time_label('rests_until', 'time_zone')],
    'unmapped_sku': ['has_unmapped_sku', 'null'],
    'unmapped_method': ['wms_method is null', "coalesce(shipping_method, 'no shipping method')"],
    'unmapped_value': ['unmapped_values is not null', 'unmapped_values'],
    'bad_address': ['has_bad_address', json_list_label('address_issues')],
} %}

{{ per_order() }}

with

facts as (

    select
        *,
        {{ business_now() }} as now_at
    from {{ of_changed_orders(ref('int_request_facts')) }}

),

reasons as (

    select reason, rank from {{ ref('gate_reasons') }}

),

-- One row: the rank of each reason.
ranks as (

    select
    {%- for reason in rules %}
        max(rank) filter (where reason = '{{ reason }}') as {{ reason }}{{ ',' if not loop.last }}
    {%- endfor %}
    from reasons

),

ranked as (

    select
        facts.*,
        least(
        {%- for reason, rule in rules.items() %}
            case when {{ rule[0] }} then ranks.{{ reason }} end{{ ',' if not loop.last }}
        {%- endfor %}
        ) as rank
    from facts
    cross join ranks

),

wms_orders as (

    select fulfillment_request_id, destination_instance from {{ ref('int_wms_orders') }}

),

confirmed as (

    select
        fulfillment_request_id,
        min(destination_instance) as destination_instance
    from {{ ref('int_confirmed_requests') }}
    group by fulfillment_request_id

),

-- What a warehouse holds is its own affair from then on: it stays sent, and stays there.
judged as (

    select
        ranked.*,
        reasons.reason,
        coalesce(wms_orders.destination_instance, confirmed.destination_instance) as held_by
    from ranked
    left join reasons on ranked.rank = reasons.rank
    left join wms_orders on ranked.fulfillment_request_id = wms_orders.fulfillment_request_id
    left join confirmed on ranked.fulfillment_request_id = confirmed.fulfillment_request_id

)

select
    fulfillment_request_id,
    order_id,
    held_by,
    held_by is not null as is_held_by_wms,
    reason as shop_reason,
    case when held_by is not null then 'sent' else coalesce(reason, 'sent') end as gate_result,
    case when held_by is null then
        case reason
        {%- for reason, rule in rules.items() %}
            when '{{ reason }}' then {{ rule[1] }}
        {%- endfor %}
        end
    end as gate_detail
from judged
