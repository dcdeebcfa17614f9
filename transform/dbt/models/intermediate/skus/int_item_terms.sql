with

items as (

    select sku, description from {{ ref('items') }}
    where active

),

catalogue as (

    select count(*) as items from items

),

named as (

    select
        sku,
        description as name,
        {{ tokens('description') }} as words,
        {{ sku_codes('description', 'sku') }} as codes
    from items

),

terms as (

    select
        sku,
        unnest({{ sku_terms('name', 'words', 'codes') }}) as term
    from named

),

-- Terms that many items share say nothing, and would pair everything with everything.
weights as (

    select
        terms.term,
        case when count(*) <= {{ most_holders('any_value(catalogue.items)') }}
            then {{ term_weight('terms.term', 'count(*)', 'any_value(catalogue.items)') }}
        end as weight
    from terms
    cross join catalogue
    group by terms.term

)

select
    terms.sku,
    terms.term,
    weights.weight,
    sqrt(sum(weights.weight * weights.weight) over (partition by terms.sku)) as length
from terms
inner join weights on terms.term = weights.term
