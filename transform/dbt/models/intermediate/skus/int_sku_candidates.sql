with

unmapped as (

    select source_instance, channel_sku, title, barcode
    from {{ ref('sku_map') }}
    where rule = 'unmapped'

),

items as (

    select sku, description from {{ ref('items') }}

),

barcodes as (

    select barcode, sku, sku_count from {{ ref('int_item_barcodes') }}

),

item_terms as (

    select * from {{ ref('int_item_terms') }}

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

known_terms as (

    select
        term,
        max(weight) as weight
    from item_terms
    group by term

),

-- A term that no item has makes a name less like any of them, as the rarest would.
sought as (

    select
        terms.source_instance,
        terms.channel_sku,
        terms.term,
        case when known_terms.term is null
            then {{ term_weight('terms.term', '1', '(select count(*) from items)') }}
            else known_terms.weight
        end as weight,
        sqrt(sum(weight * weight) over (partition by terms.source_instance, terms.channel_sku))
            as length
    from terms
    left join known_terms on terms.term = known_terms.term

),

alike as (

    select
        sought.source_instance,
        sought.channel_sku,
        item_terms.sku,
        sum(item_terms.weight * item_terms.weight)
        / any_value(sought.length * item_terms.length) as score,
        coalesce(
            'model ' || upper(substr(max(sought.term) filter (sought.term[1] = 'm'), 3)), 'name'
        ) as reason
    from sought
    inner join item_terms on sought.term = item_terms.term
    group by sought.source_instance, sought.channel_sku, item_terms.sku

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
    where score >= 0.1

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
    cast(best.score as decimal(5, 4)) as score,
    best.reason,
    row_number() over (
        partition by best.source_instance, best.channel_sku order by best.score desc, best.sku asc
    ) as candidate_rank
from best
inner join items on best.sku = items.sku
qualify candidate_rank <= 5
