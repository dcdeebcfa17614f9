with

found as (

    select * from {{ ref('int_identity__addresses') }}

),

-- Of the ways in which one address is written, the newest counts.
addresses as (

    select
        address_id,
        customer_id,
        list_sort(list(distinct address_type)) as types,
        arg_max(
            {
                line1: line1, line2: line2, city: city, region: region,
                postal_code: postal_code, country: country, country_code: country_code,
                source_instance: source_instance, source_object: source_object,
                source_id: source_id
            },
            row(last_updated_at, source_instance, source_object, source_id, address_type)
        ) as newest,
        max(last_updated_at) as last_updated_at
    from found
    group by address_id, customer_id

),

judged as (

    select
        address_id,
        customer_id,
        types,
        unnest(newest),
        last_updated_at,
        list_filter([
            if(newest.line1 is null and newest.line2 is null, 'no_street', null),
            if(newest.city is null, 'no_city', null),
            if(newest.country is null, 'no_country', null),
            if(newest.country is not null and newest.country_code is null, 'unknown_country', null),
            if(newest.postal_code is null, 'no_postal_code', null)
        ], lambda issue: issue is not null) as issues
    from addresses

)

select
    address_id,
    customer_id,
    array_to_string(types, ',') as types,
    line1,
    line2,
    city,
    region,
    postal_code,
    country_code,
    country as country_written,
    -- A missing postal code is worth a flag; many countries have none.
    not list_has_any(issues, ['no_street', 'no_city', 'no_country', 'unknown_country']) as is_valid,
    to_json(issues) as issues,
    source_instance,
    source_object,
    source_id,
    last_updated_at
from judged
