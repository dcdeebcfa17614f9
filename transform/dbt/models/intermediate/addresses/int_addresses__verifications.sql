-- What a carriers' directory says of an address, by the key that addresses are compared by.

with

verified as (

    select
        * exclude (country_code),
        country_code as country
    from {{ ref('stg_easypost__addresses') }}

),

-- What we asked about: EasyPost's record says what it made of that.
asked as (

    select
        destination_instance,
        destination_id,
        sync_key as address_key,
        loaded_at
    from {{ ref('stg_journal__acknowledged') }}
    where sync = 'sync_easypost__addresses'

),

located as (

    {{ address_located('verified') }}

),

keyed as (

    {{ address_keyed('located') }}

),

answers as (

    select * from keyed

    union all by name

    select
        keyed.* replace (
            asked.address_key as address_key,
            greatest(keyed.loaded_at, asked.loaded_at) as loaded_at
        )
    from keyed
    inner join asked
        on
            keyed.source_instance = asked.destination_instance
            and keyed.source_id = asked.destination_id

)

-- The newest verdict counts; an answer without a verdict does not take it back.
select
    address_key,
    verdict,
    line1,
    line2,
    city,
    region,
    postal_code,
    country_code,
    is_residential,
    error_codes,
    message,
    source_instance,
    source_id,
    updated_at,
    loaded_at
from answers
qualify row_number() over (
    partition by address_key
    order by verdict = 'unknown' asc, updated_at desc, source_instance asc, source_id asc
) = 1
