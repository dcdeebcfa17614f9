with

unmapped as (

    select source_instance, channel_sku, title, barcode
    from {{ ref('sku_map') }}
    where rule = 'unmapped'

),

items as (

    select sku, description from {{ ref('items') }}
    where active

),

barcodes as (

    select barcode, sku, sku_count from {{ ref('int_item_barcodes') }}

),

item_terms as (

    select terms.sku, terms.term
    from {{ ref('int_sku_terms') }} as terms
    inner join items on terms.sku = items.sku

),

-- Where the channel has no SKU its place holds the title, which is looked at anyway.
named as (

    select
        source_instance,
        channel_sku,
        title as name,
        {{ tokens('title') }} as words,
        {{ sku_codes('title', sku_of_channel('channel_sku')) }} as codes,
        [{{ barcode_key('barcode') }}, {{ barcode_key('channel_sku') }}] as barcodes
    from unmapped

),

terms as (

    select
        source_instance,
        channel_sku,
        unnest({{ sku_terms('name', 'words', 'codes') }}) as term
    from named

),

-- The rarer, the weightier. Terms that many items share say nothing, and would pair everything with
-- everything.
weights as (

    select
        term,
        case when count(*) <= {{ most_holders('(select count(*) from items)') }}
            then {{ term_weight('term', 'count(*)', '(select count(*) from items)') }}
        end as weight
    from item_terms
    group by term

),

item_lengths as (

    select
        item_terms.sku,
        sqrt(sum(weights.weight * weights.weight)) as length
    from item_terms
    inner join weights on item_terms.term = weights.term
    group by item_terms.sku

),

-- A term that no item has makes a name less like any of them, as the rarest would.
sought as (

    select
        terms.source_instance,
        terms.channel_sku,
        terms.term,
        case when weights.term is null
            then {{ term_weight('terms.term', '1', '(select count(*) from items)') }}
            else weights.weight
        end as weight
    from terms
    left join weights on terms.term = weights.term

),

lengths as (

    select
        source_instance,
        channel_sku,
        sqrt(sum(weight * weight)) as length
    from sought
    group by source_instance, channel_sku

),

shared as (

    select
        sought.source_instance,
        sought.channel_sku,
        item_terms.sku,
        sum(sought.weight * sought.weight) as product,
        max(sought.term) filter (sought.term[1] = 'm') as code
    from sought
    inner join item_terms on sought.term = item_terms.term
    where sought.weight is not null
    group by sought.source_instance, sought.channel_sku, item_terms.sku

),

alike as (

    select
        shared.source_instance,
        shared.channel_sku,
        shared.sku,
        shared.product / (lengths.length * item_lengths.length) as score,
        coalesce('model ' || upper(substr(shared.code, 3)), 'name') as reason
    from shared
    inner join lengths
        on
            shared.source_instance = lengths.source_instance
            and shared.channel_sku = lengths.channel_sku
    inner join item_lengths on shared.sku = item_lengths.sku

),

-- Only a barcode that is on several SKUs gets here: which of them is meant?
by_barcode as (

    select
        named.source_instance,
        named.channel_sku,
        barcodes.sku,
        1 as score,
        'barcode, as ' || (barcodes.sku_count - 1) || ' more' as reason
    from named
    inner join barcodes on list_contains(named.barcodes, barcodes.barcode)

),

candidates as (

    select * from by_barcode

    union all

    select * from alike
    where score >= 0.03

),

best as (

    select *
    from candidates
    qualify row_number() over (
        partition by source_instance, channel_sku, sku order by score desc, reason asc
    ) = 1

)

select
    best.source_instance,
    best.channel_sku,
    best.sku,
    items.description,
    cast(least(best.score, 1) as decimal(5, 4)) as score,
    best.reason,
    row_number() over (
        partition by best.source_instance, best.channel_sku order by best.score desc, best.sku asc
    ) as candidate_rank
from best
inner join items on best.sku = items.sku
qualify candidate_rank <= 5
