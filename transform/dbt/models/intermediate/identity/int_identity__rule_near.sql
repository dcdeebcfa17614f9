-- One field is off by a typo, all others agree: the address of one name, or the name at one
-- address. Known e-mail addresses and phones must not differ.

{{ config(materialized='ephemeral') }}

with

profiles as (

    select * from {{ ref('int_identity__profiles') }}
    where name_key is not null and street_key is not null

),

near_address as (

    select
        a.profile as left_seq,
        b.profile as right_seq,
        'near_address' as rule
    from profiles as a
    inner join profiles as b on a.name_key = b.name_key and a.profile < b.profile
    where
        {{ same_contact() }}
        and {{ agree('country_key') }}
        and (
            ({{ same_place() }} and {{ near_streets() }})
            or (
                {{ same_street() }}
                and a.postal_code_key = b.postal_code_key
                and {{ near('a.city_key', 'b.city_key') }}
            )
            or (
                {{ same_street() }}
                and a.city_key = b.city_key
                and {{ near('a.postal_code_key', 'b.postal_code_key') }}
            )
        )

),

near_name as (

    select
        a.profile as left_seq,
        b.profile as right_seq,
        'near_name' as rule
    from profiles as a
    inner join profiles as b on a.street_key = b.street_key and a.profile < b.profile
    where
        {{ same_contact() }}
        and {{ same_place() }}
        and {{ near_names() }}

)

select * from near_address
union all
select * from near_name
