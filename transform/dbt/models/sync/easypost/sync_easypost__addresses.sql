{{ config(enabled=instances('easypost') | length > 0) }}

with

addresses as (

    select * from {{ ref('int_addresses__to_verify') }}
    -- Nobody prints a longer one on a label.
    where length(address_key) <= 200

),

accounts as (

    select min(instance) as instance from {{ destinations('easypost') }} as instances

)

-- Whose address it is need not be known to verify it: its name is our key.
select
    addresses.address_key,
    accounts.instance as destination_instance,
    cast(null as varchar) as destination_id,
    cast({{ canonical_id('address_verification', 'addresses.address_key') }} as varchar) as name,
    addresses.line1 as street1,
    addresses.line2 as street2,
    addresses.city,
    addresses.region as state,
    addresses.postal_code as zip,
    addresses.country_code as country
from addresses
cross join accounts
where accounts.instance is not null
