-- The same given name at the same address, another surname: married, or written down wrongly. An
-- address of more than three names is a house of many people and says nothing.

{{ config(materialized='ephemeral') }}

with

alike as (

    select * from {{ ref('int_identity__alike') }}

),

profiles as (

    select
        profile_id,
        name_key,
        name_plain,
        given_name,
        is_usual_name,
        concat_ws('/', street_bag, house_number, coalesce(postal_code_key, city_key)) as place
    from {{ ref('int_identity__profiles') }}

),

found as (

    select
        left_profile_id,
        right_profile_id,
        left_profile,
        right_profile
    from alike
    where name = 'other surname' and fields_off = 0 and fields_same >= 3

),

named as (

    select
        found.*,
        a.place as left_place,
        b.place as right_place
    from found
    inner join profiles as a on found.left_profile_id = a.profile_id
    inner join profiles as b on found.right_profile_id = b.profile_id

),

-- Everybody who lives where somebody was found.
neighbours as (

    select * from profiles
    where
        place in (select named.left_place from named)
        or place in (select named.right_place from named)

),

places as {{ names_of_keys('neighbours', 'place') }}

select
    least(named.left_profile, named.right_profile) as left_seq,
    greatest(named.left_profile, named.right_profile) as right_seq,
    'new_surname' as rule
from named
left join places as a on named.left_place = a.key_value
left join places as b on named.right_place = b.key_value
-- A place that nobody else lives at is not among those that are shared.
where coalesce(greatest(a.names, b.names), 1) <= {{ var('most_names_of_a_key', 3) }}
