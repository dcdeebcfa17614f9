-- What of each record identifies: its fields without the ways in which people write them.

with

records as (

    select * from {{ ref('int_identity__records') }}

),

phones as (

    select * from {{ ref('int_identity__phones') }}

),

given_names as (

    select given_name from {{ ref('given_names') }}

),

dictionaries as (

    select
        {{ word_map('name') }} as short_names,
        {{ word_map('title') }} as titles,
        {{ word_map('street') }} as places,
        {{ email_class_map() }} as email_classes

),

-- A contact that names another record as its customer was made from it, or adopted after it.
ordered as (

    select
        records.*,
        coalesce(stated_customer_id <> record_id, false) as is_ours,
        row_number() over (
            order by
                coalesce(stated_customer_id <> record_id, false),
                created_at, source_instance, source_object, source_id
        ) as seq
    from records

),

folded as (

    select
        ordered.*,
        phones.e164,
        phones.phone_key,
        {{ email_key('ordered.email') }} as mailbox,
        {{ fold('concat_ws(\' \', ordered.first_name, ordered.last_name)') }} as person,
        {{ fold('ordered.first_name') }} as given_names,
        {{ fold('ordered.last_name') }} as surnames,
        {{ fold('ordered.company') }} as company_words,
        {{ fold('concat_ws(\' \', ordered.line1, ordered.line2)') }} as street,
        {{ fold('ordered.line1') }} as line1_words,
        {{ fold('ordered.city') }} as city_words
    from ordered
    left join phones
        on
            ordered.phone = phones.phone
            and coalesce(ordered.country_code, '') = phones.country_code

),

classed as (

    select
        folded.*,
        dictionaries.* exclude (email_classes),
        {{ email_class('folded.mailbox', 'dictionaries.email_classes') }} as email_class,
        folded.person is not null as is_person,
        coalesce(folded.person, folded.company_words) as name_words,
        if(
            folded.person is not null,
            concat_ws(' ', folded.first_name, folded.last_name),
            folded.company
        ) as name_written
    from folded
    cross join dictionaries

),

keyed as (

    select
        record_id,
        seq,
        source_instance,
        source_object,
        source_id,
        is_ours,
        stated_customer_id,
        email_class,
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
        {{ squeeze('surnames') }} as surname,
        {{ squeeze('company_words') }} as company_key,
        {{ squeeze('street') }} as street_plain,
        {{ place_key('street', 'places') }} as street_key,
        {{ place_key('line1_words', 'places') }} as line1_key,
        {{ place_key('city_words', 'places') }} as city_key,
        {{ postal_code_key('postal_code', 'country_code') }} as postal_code_key,
        coalesce(country_code, {{ fold('country') }}) as country_key
    from classed

)

-- Records that say the same stand in for each other: only the first of them, the profile, is
-- compared with others. A name alone is no profile.
select
    *,
    case
        when
            name_key is not null
            and (
                email_key is not null
                or phone_key is not null
                or (street_key is not null and coalesce(city_key, postal_code_key) is not null)
            )
            then min(seq) over (
                partition by
                    email_key, phone_key, phone_end, is_person, name_key, name_plain, company_key,
                    street_key, line1_key, city_key, postal_code_key, country_key
            )
        else seq
    end as profile
from keyed
