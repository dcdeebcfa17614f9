{{ per_customer() }}

with

found as (

    select * from {{ of_changed_customers(ref('int_addresses__members')) }}

),

parsed as (

    select * from {{ ref('int_addresses__parsed') }}

),

verifications as (

    select * from {{ ref('address_verifications') }}

),

-- Of the ways in which one address is written, the newest counts.
newest as (

    select
        address_id,
        customer_id,
        string_agg(distinct address_type, ',' order by address_type) as types,
        arg_max(
            row(written_id, source_instance, source_object, source_id),
            row(last_updated_at, source_instance, source_object, source_id, address_type)
        ) as record,
        max(last_updated_at) as last_updated_at
    from found
    group by address_id, customer_id

)

select
    newest.address_id,
    newest.customer_id,
    newest.types,
    parsed.line1,
    parsed.line2,
    parsed.city,
    parsed.region,
    parsed.region_code,
    parsed.postal_code,
    parsed.country_code,
    parsed.country as country_written,
    parsed.written,
    parsed.address_key,
    parsed.is_valid,
    parsed.issues,
    verifications.verdict,
    verifications.verified_at,
    verifications.address_verification_id,
    newest.record[2] as source_instance,
    newest.record[3] as source_object,
    newest.record[4] as source_id,
    newest.last_updated_at
from newest
inner join parsed on newest.record[1] = parsed.written_id
left join verifications on parsed.address_key = verifications.address_key
