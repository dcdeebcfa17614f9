-- The same name, or the same company where one record names no person, at the same address.

{{ config(materialized='ephemeral') }}

{% set address = ['street_key', 'line1_key', 'city_key', 'postal_code_key', 'country_key'] %}

with

profiles as (

    select * from {{ ref('int_identity__profiles') }}
    where street_key is not null and coalesce(city_key, postal_code_key) is not null

),

-- Of those who write name and address in the same way, the first stands for all.
at_home as (

    select
        name_key,
        {{ address | join(', ') }},
        profile,
        min(profile) over (partition by name_key, {{ address | join(', ') }}) as first_profile
    from profiles
    where name_key is not null

),

firsts as (

    select * from at_home
    where profile = first_profile

),

-- By the whole street, and by what one says without the unit.
doors as (

    select
        *,
        street_key as door
    from firsts
    union all
    select
        *,
        line1_key as door
    from firsts
    where line1_key <> street_key

),

same_name as (

    select
        least(a.profile, b.profile) as left_seq,
        greatest(a.profile, b.profile) as right_seq,
        'name_address' as rule
    from doors as a
    inner join doors as b
        on a.name_key = b.name_key and a.door = b.door and a.profile < b.profile
    where {{ same_place() }} and {{ same_street() }}

),

offices as (

    select
        company_key,
        is_person,
        {{ address | join(', ') }},
        min(profile) as profile
    from profiles
    where company_key is not null
    group by company_key, is_person, {{ address | join(', ') }}

),

-- A record of the company alone belongs to its person only if there is one.
company_people as (

    select
        company_key,
        street_key,
        count(distinct name_key) as people
    from profiles
    where is_person and company_key is not null
    group by company_key, street_key

),

same_company as (

    select
        least(a.profile, b.profile) as left_seq,
        greatest(a.profile, b.profile) as right_seq,
        'company_address' as rule
    from offices as a
    inner join offices as b on a.company_key = b.company_key and a.street_key = b.street_key
    inner join company_people
        on a.company_key = company_people.company_key and a.street_key = company_people.street_key
    where a.is_person and not b.is_person and company_people.people = 1 and {{ same_place() }}

)

select
    first_profile as left_seq,
    profile as right_seq,
    'name_address' as rule
from at_home
where profile <> first_profile
union all
select * from same_name
union all
select * from same_company
