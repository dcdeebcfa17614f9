with

raw_addresses as (

    select
        source_instance,
        id as source_id,
        "mode",
        street1 as line1,
        street2 as line2,
        city,
        "state" as region,
        zip as postal_code,
        country as country_code,
        residential as is_residential,
        cast({{ json_text('verifications', 'delivery.success') }} as boolean) as is_found,
        {{ json_text('verifications', 'delivery.errors[*].code') }} as error_codes,
        {{ json_text('verifications', 'delivery.errors[*].message') }} as error_messages,
        created_at,
        updated_at,
        _sdc_loaded_at as loaded_at
    from {{ raw('easypost', 'addresses') }}
    where _sdc_deleted_at is null and {{ json_value('verifications', 'delivery') }} is not null

),

told as (

    select
        * exclude (error_codes, error_messages),
        nullif(array_to_string(error_codes, ', '), '') as error_codes,
        nullif(array_to_string(error_messages, '; '), '') as message
    from raw_addresses

)

-- An answer with errors although it succeeded, or an error of the service itself, is no verdict.
select
    * exclude (is_found, error_codes),
    case
        when regexp_matches(coalesce(error_codes, ''), 'TIMEOUT|UNAVAILABLE|UNANSWERABLE|SERVER')
            then 'unknown'
        when is_found and error_codes is null then 'deliverable'
        when not is_found and error_codes is not null then 'undeliverable'
        else 'unknown'
    end as verdict,
    error_codes
from told
