-- How two profiles compare, field by field: computed once for each pair, whatever rules and scores
-- make of it. In a later build only profiles are compared that share a block with one that came or
-- went.

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_comparisons() }}',
    post_hook='{{ remember_build() }}',
) }}

{% set blocks = ref('int_identity__blocks') %}

with

candidates as {{
    pairs_of_blocks(blocks, none if people_mark() is none else touched_profiles(blocks))
}},

profiles as (

    select
        *,
        {{ short_hash('cast(profile_id as varchar)') }} as profile_number
    from {{ ref('int_identity__profiles') }}

),

compared as (

    select
        least(a.profile_id, b.profile_id) as left_profile_id,
        greatest(a.profile_id, b.profile_id) as right_profile_id,
        {{ name_part_level('a.given_plain', 'b.given_plain') }} as given_level,
        {{ name_part_level('a.surname', 'b.surname') }} as surname_level,
        -- Only where no part is the same may the parts have changed places.
        case
            when a.given_plain = b.given_plain or a.surname = b.surname then 'differs'
            else {{ name_part_level('a.given_plain', 'b.surname') }}
        end as crossed_left,
        case
            when a.given_plain = b.given_plain or a.surname = b.surname then 'differs'
            else {{ name_part_level('a.surname', 'b.given_plain') }}
        end as crossed_right,
        a.name_key = b.name_key as is_same_name,
        a.name_key = b.name_key or {{ near_names() }} as is_near_name,
        {{ level('a.company_key', 'b.company_key') }} as company,
        case
            when a.email_written is null or b.email_written is null then 'unknown'
            when a.email_written = b.email_written then 'same'
            when jaro_winkler_similarity(a.email_written, b.email_written) < 0.8 then 'differs'
            when {{ slips('a.email_written', 'b.email_written', 6) }} then 'near'
            else 'differs'
        end as email,
        case
            when a.phone_key is null or b.phone_key is null then 'unknown'
            when a.phone_key = b.phone_key then 'same'
            when a.phone_end = b.phone_end then 'near'
            else 'differs'
        end as phone,
        {{ same_contact() }} as is_same_contact,
        {{ street_level() }} as street,
        {{ level('a.house_number', 'b.house_number', 9) }} as house_number,
        {{ level('a.city_key', 'b.city_key') }} as city,
        {{ level('a.postal_code_key', 'b.postal_code_key', 3) }} as postal_code,
        {{ level('a.country_key', 'b.country_key', 99) }} as country
    from candidates
    inner join profiles as a on candidates.left_number = a.profile_number
    inner join profiles as b on candidates.right_number = b.profile_number
    where {{ may_be_one() }}

),

straightened as (

    select
        *,
        is_same_name is not true
        and crossed_left in ('same', 'near')
        and crossed_right in ('same', 'near')
        and given_level <> 'same' as is_crossed
    from compared

),

named as (

    select
        * exclude (given_level, surname_level, crossed_left, crossed_right),
        if(is_crossed, crossed_left, given_level) as given_name,
        if(is_crossed, crossed_right, surname_level) as surname,
        -- A name that says less: a part is missing, the other agrees.
        given_level in ('same', 'near') and surname_level = 'unknown'
        or surname_level in ('same', 'near') and given_level = 'unknown'
        or crossed_left in ('same', 'near') and crossed_right = 'unknown'
        or crossed_right in ('same', 'near') and crossed_left = 'unknown' as is_part_name
    from straightened

)

select
    * exclude (is_same_name, is_near_name, is_crossed, is_part_name),
    case
        when is_same_name then 'same'
        when is_near_name or (
            given_name in ('same', 'near') and surname in ('same', 'near')
        ) then 'near'
        when is_part_name then 'part'
        when given_name in ('same', 'near') and surname = 'differs' then 'other surname'
        when surname in ('same', 'near') and given_name = 'differs' then 'other given name'
        when is_same_name is null then 'unknown'
        else 'differs'
    end as name
from named
