with

orders as (

    select
        order_id,
        {{ order_label('orders') }} as label
    from {{ ref('orders') }} as orders

),

waiting as (

    select distinct
        lines.source_instance,
        lines.channel_sku,
        coalesce(orders.label, requests.source_id) as label
    from {{ ref('int_request_lines') }} as lines
    inner join {{ ref('fulfillment_requests') }} as requests
        on lines.fulfillment_request_id = requests.fulfillment_request_id
    left join orders on requests.order_id = orders.order_id
    where
        requests.gate_result = 'unmapped_sku'
        and lines.requires_shipping and not lines.is_mapped and lines.wanted_quantity > 0

),

candidates as (

    select
        source_instance,
        channel_sku,
        {{ shown_list(
            phrase(
                'sku', 'description',
                "cast(round(score * 100) as integer) || ' % alike by ' || reason"
            ),
            order_by='candidate_rank'
        ) }} as candidates
    from {{ ref('int_sku_candidates') }}
    group by source_instance, channel_sku

),

titles as (

    select distinct source_instance, channel_sku, title
    from {{ ref('sku_map') }}
    where rule = 'unmapped'

)

select
    waiting.channel_sku,
    waiting.source_instance as shop,
    titles.title,
    candidates.candidates,
    count(*) as orders_waiting,
    {{ shown_list('waiting.label', order_by='waiting.label') }} as orders
from waiting
left join candidates
    on
        waiting.source_instance = candidates.source_instance
        and waiting.channel_sku = candidates.channel_sku
left join titles
    on
        waiting.source_instance = titles.source_instance
        and waiting.channel_sku = titles.channel_sku
group by waiting.channel_sku, waiting.source_instance, titles.title, candidates.candidates
order by orders_waiting desc, waiting.channel_sku asc
