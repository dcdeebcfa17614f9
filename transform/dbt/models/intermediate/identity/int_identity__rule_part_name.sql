-- One record names only the given name or only the surname; the other has it too, and lives at the
-- same address. Where it could be two people there, it is neither.

{{ config(materialized='ephemeral') }}

with

alike as (

    select * from {{ ref('int_identity__alike') }}

),

comparisons as (

    select * from {{ ref('int_identity__comparisons') }}

),

found as (

    select
        left_profile_id,
        right_profile_id,
        left_profile,
        right_profile
    from alike
    where name = 'part' and fields_off = 0 and fields_same >= 3

),

both_ways as (

    select left_profile_id as profile_id, right_profile_id as other_id from found
    union all
    select right_profile_id as profile_id, left_profile_id as other_id from found

),

ambiguous as (

    select distinct a.profile_id
    from both_ways as a
    inner join both_ways as b on a.profile_id = b.profile_id and a.other_id < b.other_id
    inner join comparisons
        on
            a.other_id = comparisons.left_profile_id
            and b.other_id = comparisons.right_profile_id
    where comparisons.name in ('differs', 'other given name')

)

select
    least(left_profile, right_profile) as left_seq,
    greatest(left_profile, right_profile) as right_seq,
    'part_name' as rule
from found
where
    left_profile_id not in (select ambiguous.profile_id from ambiguous)
    and right_profile_id not in (select ambiguous.profile_id from ambiguous)
