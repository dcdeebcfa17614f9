with

unmapped as (

    select source_instance, channel_sku, title, barcode
    from {{ ref('sku_map') }}
    where rule = 'unmapped'

),

items as (

    select sku, description, upc from {{ ref('items') }}
    where active

),

scored as (

    select
        unmapped.source_instance,
        unmapped.channel_sku,
        items.sku,
        items.description,
        case
            when {{ barcode_key('unmapped.barcode') }} = {{ barcode_key('items.upc') }} then 1.0
            else round(greatest(
                {{ text_similarity('unmapped.title', 'items.description') }},
                {{ token_overlap('unmapped.title', 'items.description') }},
                {{ text_similarity('unmapped.channel_sku', 'items.sku') }}
            ), 4)
        end as score
    from unmapped
    cross join items

)

select
    source_instance,
    channel_sku,
    sku,
    description,
    score,
    row_number() over (partition by source_instance, channel_sku order by score desc, sku asc)
        as candidate_rank
from scored
where score >= 0.5
qualify candidate_rank <= 3
