-- Pairs of profiles that are worth a look: they share a block. A block of very many profiles is
-- none; so the number of pairs grows with the profiles, not with their square.

with

profiles as (

    select
        *,
        -- Digits that changed places are the slip that postal codes suffer most.
        {{ letters_in_order('postal_code_key') }} as postal_code_letters
    from {{ ref('int_identity__profiles') }}

),

blocks as (

    select
        profile_id,
        unnest(list_distinct(list_filter([
            -- Two things that agree exactly, whatever is off with the others.
            'pn/' || postal_code_key || '/' || house_number,
            'pg/' || postal_code_letters || '/' || given_plain,
            'pg/' || postal_code_letters || '/' || surname,
            'cs/' || city_key || '/' || street_bag,
            'cm/' || city_key || '/' || name_key,
            'sm/' || street_bag || '/' || name_key,
            'sh/' || street_name || '/' || house_number,
            'nm/' || house_number || '/' || name_key,
            'ng/' || house_number || '/' || given_plain || '/' || left(city_key, 3),
            'ng/' || house_number || '/' || surname || '/' || left(city_key, 3),
            'pi/' || postal_code_key || '/' || left(street_name, 4),
            'cni/' || city_key || '/' || house_number || '/'
            || least(left(given_plain, 1), left(surname, 1)),
            'el/' || split_part(email_written, '@', 1),
            'ec/' || left(email_written, 5) || '/' || city_key,
            'ph/' || phone_key
        ], lambda block: block is not null))) as block
    from profiles

),

sizes as (

    select
        block,
        count(*) as profiles
    from blocks
    group by block
    having count(*) between 2 and {{ var('most_profiles_of_a_block', 40) }}

),

bounded as (

    select blocks.*
    from blocks
    inner join sizes on blocks.block = sizes.block

)

select distinct
    a.profile_id as left_profile_id,
    b.profile_id as right_profile_id
from bounded as a
inner join bounded as b on a.block = b.block and a.profile_id < b.profile_id
