-- Name and postal address are the same but for slips of the pen, or for one field that is off while
-- all others agree. Known e-mail addresses and phones must not differ.

{{ config(materialized='ephemeral') }}

with

addresses as (

    select * from {{ ref('int_identity__alike') }}

),

-- Within one postal code also number and city may both be off, where the street is the same.
near as (

    select
        *,
        fields_off <= 1
        or (fields_off = 2 and street in ('same', 'near') and postal_code = 'same') as is_near
    from addresses

)

select
    least(left_profile, right_profile) as left_seq,
    greatest(left_profile, right_profile) as right_seq,
    if(name = 'same', 'near_address', 'near_name') as rule
from near
where
    is_near
    and (
        (name = 'same' and fields_same >= 2)
        or (name = 'near' and fields_same + fields_off >= 3)
    )
