-- The same e-mail address, unless more than three names use it.

{{ config(materialized='ephemeral') }}

with

profiles as (

    select * from {{ ref('int_identity__profiles') }}
    where email_key is not null and email_class is distinct from 'role'

),

first_profiles as (

    select
        email_key,
        min(profile) as profile
    from profiles
    group by email_key

),

keys as {{ names_of_keys('profiles', 'email_key') }}

select
    first_profiles.profile as left_seq,
    profiles.profile as right_seq,
    'email' as rule
from profiles
inner join first_profiles on profiles.email_key = first_profiles.email_key
inner join keys on profiles.email_key = keys.key_value
where
    keys.names <= {{ var('most_names_of_a_key', 3) }}
    and profiles.profile <> first_profiles.profile
