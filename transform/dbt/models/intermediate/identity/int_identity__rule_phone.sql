-- The same phone number, or, where it is no valid number, the same digits in the same country;
-- the names must be able to be the same.

{{ config(materialized='ephemeral') }}

with

profiles as (

    select * from {{ ref('int_identity__profiles') }}
    where phone_key is not null

)

select * from {{ pairs_by_key_and_name(
    'profiles', 'phone_key', "if(a.e164 is null, 'phone_digits', 'phone')"
) }}
