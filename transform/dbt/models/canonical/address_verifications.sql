with

verifications as (

    select * from {{ ref('int_addresses__verifications') }}

)

select
    {{ canonical_id('address_verification', 'address_key') }} as address_verification_id,
    address_key,
    verdict,
    {%- for part in ['line1', 'line2', 'city', 'region', 'postal_code', 'country_code'] %}
    if(verdict = 'deliverable', nullif(trim({{ part }}), ''), null) as corrected_{{ part }},
    {%- endfor %}
    is_residential,
    error_codes,
    message,
    source_instance,
    source_id,
    updated_at as verified_at,
    updated_at as last_updated_at
from verifications
