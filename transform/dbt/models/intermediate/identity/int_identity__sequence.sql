-- The order in which records came to be, and which of them say the same.

with

records as (

    select
        record_id,
        source_instance,
        source_object,
        source_id,
        created_at,
        is_of_channel,
        is_ours,
        profile_id
    from {{ ref('int_identity__record_keys') }}

),

-- Who has ordered comes first: such a record is there as long as its orders are, and the CRM's
-- contact carries its id. A contact that names another record was made from it, or adopted.
ordered as (

    select
        record_id,
        profile_id,
        row_number() over (
            order by
                is_of_channel desc, is_ours asc, created_at asc,
                source_instance asc, source_object asc, source_id asc
        ) as seq
    from records

),

-- Records that say the same stand in for each other: only the first of them, the profile, is
-- compared with others.
firsts as (

    select
        profile_id,
        min(seq) as profile
    from ordered
    group by profile_id

)

select
    ordered.record_id,
    ordered.seq,
    firsts.profile
from ordered
inner join firsts on ordered.profile_id = firsts.profile_id
