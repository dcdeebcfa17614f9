-- What of each record identifies: its fields without the ways in which people write them.
-- Nothing here looks at another record.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='record_id',
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_record_keys() }}',
    post_hook='{{ remember_build() }}',
) }}

with

records as (

    select * from {{ built_since(ref('int_identity__records')) }}

),

phones as (

    select * from {{ ref('int_identity__phones') }}

),

given_names as (

    select given_name from {{ ref('given_names') }}

),

email_classes as (

    select * from {{ ref('email_classes') }}

),

dictionaries as (

    select
        {{ word_map('name') }} as short_names,
        {{ word_map('title') }} as titles,
        {{ word_map('street') }} as places

),

folded as (

    select
        records.*,
        phones.e164,
        phones.phone_key,
        {{ email_key('records.email') }} as mailbox,
        {{ fold('records.first_name') }} as given_names,
        {{ fold('records.last_name') }} as surnames,
        {{ fold('records.company') }} as company_words,
        {{ fold('records.line1') }} as line1_words,
        {{ fold('records.line2') }} as line2_words,
        {{ fold('records.city') }} as city_words
    from records
    left join phones
        on
            records.phone = phones.phone
            and coalesce(records.country_code, '') = phones.country_code

),

joined as (

    select
        *,
        nullif(concat_ws(' ', given_names, surnames), '') as person,
        nullif(concat_ws(' ', line1_words, line2_words), '') as street
    from folded

),

classed as (

    select
        joined.*,
        dictionaries.*,
        {{ email_class('joined.mailbox', 'email_classes') }} as email_class,
        joined.person is not null as is_person,
        coalesce(joined.person, joined.company_words) as name_words,
        if(
            joined.person is not null,
            concat_ws(' ', joined.first_name, joined.last_name),
            joined.company
        ) as name_written
    from joined
    cross join dictionaries

),

keyed as (

    select
        record_id,
        source_instance,
        source_object,
        source_id,
        created_at,
        build,
        is_of_channel,
        coalesce(stated_customer_id <> record_id, false) as is_ours,
        stated_customer_id,
        email_class,
        if(email_class is null, coalesce(mailbox, lower(email)), null) as email_written,
        case email_class
            when 'placeholder' then null
            when 'relay' then source_instance || '/' || mailbox
            else mailbox
        end as email_key,
        e164,
        phone_key,
        right(regexp_replace(phone, '[^0-9]', '', 'g'), 6) as phone_end,
        is_person,
        {{ name_key('name_words', 'short_names', 'titles') }} as name_key,
        {{ squeeze('name_words') }} as name_plain,
        {{ bare('name_written') }} as name_bare,
        coalesce(short_names[split_part(given_names, ' ', 1)], split_part(given_names, ' ', 1))
            as given_name,
        split_part(given_names, ' ', 1) in (select given_names.given_name from given_names)
            as is_usual_name,
        {{ squeeze('given_names') }} as given_plain,
        {{ squeeze('surnames') }} as surname,
        {{ squeeze('company_words') }} as company_key,
        {{ squeeze('street') }} as street_plain,
        {{ place_words('street', 'places') }} as street_list,
        {{ place_key('line1_words', 'places') }} as line1_key,
        nullif(regexp_extract(street, '\d+'), '') as house_number,
        {{ place_key('city_words', 'places') }} as city_key,
        {{ postal_code_key('postal_code', 'country_code') }} as postal_code_key,
        coalesce(country_code, {{ fold('country') }}) as country_key
    from classed

)

select
    * exclude (street_list),
    nullif(array_to_string(street_list, ''), '') as street_key,
    nullif({{ words_in_order('street_list') }}, '') as street_bag,
    nullif({{ without_numbers("array_to_string(street_list, '')") }}, '') as street_name,
    {{ profile_id() }} as profile_id
from keyed
