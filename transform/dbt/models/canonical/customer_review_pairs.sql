-- Scores propose, people decide: nothing here is merged by itself.

with

pairs as (

    select * from {{ ref('int_identity__review_pairs') }}

),

records as (

    select
        record_id,
        source_instance,
        source_object,
        source_id,
        coalesce(updated_at, created_at) as last_updated_at
    from {{ ref('int_identity__records') }}

)

select
    {{ canonical_id('review_pair', 'pairs.customer_id', 'pairs.other_customer_id') }}
        as review_pair_id,
    pairs.customer_id,
    pairs.other_customer_id,
    pairs.score,
    pairs.scorers,
    pairs.splink_probability,
    concat_ws(
        '; ',
        'same: ' || pairs.agree,
        'nearly the same: ' || pairs.nearly,
        'different: ' || pairs.differ
    ) as reasons,
    left_records.source_instance,
    left_records.source_object,
    left_records.source_id,
    right_records.source_instance as other_source_instance,
    right_records.source_object as other_source_object,
    right_records.source_id as other_source_id,
    greatest(left_records.last_updated_at, right_records.last_updated_at) as last_updated_at
from pairs
inner join records as left_records on pairs.record_id = left_records.record_id
inner join records as right_records on pairs.other_record_id = right_records.record_id
