-- What a profile has in common with those that it is worth comparing with.

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_blocks() }}',
    post_hook='{{ remember_build() }}',
) }}

with

profiles as (

    select
        *,
        {{ short_hash('cast(profile_id as varchar)') }} as profile_number,
        -- Digits that changed places are the slip that postal codes suffer most.
        {{ letters_in_order('postal_code_key') }} as postal_code_letters,
        least(left(given_plain, 1), left(surname, 1)) as initials
    from {{ built_since(ref('int_identity__profiles')) }}

),

blocks as (

    select
        profile_id,
        profile_number,
        build,
        unnest([
            -- Two or three things that agree exactly, whatever is off with the others.
            'pn/' || postal_code_key || '/' || house_number,
            'pg/' || postal_code_letters || '/' || given_plain,
            'pg/' || postal_code_letters || '/' || surname,
            'ng/' || house_number || '/' || given_plain || '/' || left(city_key, 3),
            'ng/' || house_number || '/' || surname || '/' || left(city_key, 3),
            'pi/' || postal_code_key || '/' || left(street_name, 4),
            'cn/' || city_key || '/' || house_number || '/' || initials,
            'cs/' || city_key || '/' || street_bag,
            'cm/' || city_key || '/' || name_key,
            'sm/' || street_bag || '/' || name_key,
            'sn/' || street_name || '/' || house_number,
            'el/' || split_part(email_written, '@', 1),
            'ec/' || left(email_written, 5) || '/' || city_key,
            'ph/' || phone_key
        ]) as block
    from profiles
    {% if people_mark() is not none -%}
    where profile_id not in (
        select known.profile_id from {{ this }} as known
        where not known.is_gone
    )
    {%- endif %}

)

select
    profile_id,
    profile_number,
    {{ short_hash('block') }} as block,
    false as is_gone,
    build
from blocks
where block is not null
