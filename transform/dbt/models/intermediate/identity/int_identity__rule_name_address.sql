-- The same name, or the same company where one record names no person, at the same address.

{{ config(materialized='ephemeral') }}

with

profiles as (

    select * from {{ ref('int_identity__profiles') }}
    where street_key is not null

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

same_name as (

    select
        a.profile as left_seq,
        b.profile as right_seq,
        'name_address' as rule
    from profiles as a
    inner join profiles as b
        on a.name_key = b.name_key and a.profile < b.profile
    where {{ same_place() }} and {{ same_street() }}

),

same_company as (

    select
        least(a.profile, b.profile) as left_seq,
        greatest(a.profile, b.profile) as right_seq,
        'company_address' as rule
    from profiles as a
    inner join profiles as b on a.company_key = b.company_key and a.street_key = b.street_key
    inner join company_people
        on a.company_key = company_people.company_key and a.street_key = company_people.street_key
    where a.is_person and not b.is_person and company_people.people = 1 and {{ same_place() }}

)

select * from same_name
union all
select * from same_company
