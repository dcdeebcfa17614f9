-- Compared profiles that nothing known speaks against, and how many fields of the postal address
-- are the same or off.

{{ config(materialized='ephemeral') }}

with

comparisons as (

    select * from {{ ref('int_identity__comparisons') }}

),

profiles as (

    select
        profile_id,
        profile
    from {{ ref('int_identity__profiles') }}

)

select
    comparisons.*,
    a.profile as left_profile,
    b.profile as right_profile,
    cast(street in ('same', 'near', 'part') as integer)
    + cast(house_number = 'same' as integer)
    + cast(city in ('same', 'near') as integer)
    + cast(postal_code in ('same', 'near') as integer) as fields_same,
    cast(street = 'differs' as integer)
    + cast(house_number in ('near', 'differs') as integer)
    + cast(city = 'differs' as integer)
    + cast(postal_code = 'differs' as integer) as fields_off
from comparisons
inner join profiles as a on comparisons.left_profile_id = a.profile_id
inner join profiles as b on comparisons.right_profile_id = b.profile_id
where
    is_same_contact
    and country <> 'differs'
    and street <> 'unknown'
    and (city in ('same', 'near') or postal_code in ('same', 'near'))
