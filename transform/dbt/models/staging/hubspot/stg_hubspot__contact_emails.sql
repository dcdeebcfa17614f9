with

-- A contact keeps the addresses of those that were merged into it.
raw_contacts as (

    select
        source_instance as destination_instance,
        id as destination_id,
        {{ unnest_text(json_text('properties', 'hs_additional_emails')) }} as email
    from {{ raw('hubspot', 'contacts') }}

)

select
    destination_instance,
    destination_id,
    trim(email) as email,
    {{ email_key('email') }} as email_key
from raw_contacts
where trim(email) <> ''
