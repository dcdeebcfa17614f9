-- What the CRM should hold of the customers that a shop knows.

with

wanted as (

    select * from {{ ref('int_crm_contacts__wanted') }}

),

mailboxes as (

    select * from {{ ref('int_crm_contacts__mailboxes') }}

),

addresses as (

    select * from {{ ref('addresses') }}

),

countries as (

    select
        country_code,
        country_name
    from {{ ref('country_names') }}
    where is_preferred

),

-- Of who is known to the CRM alone it gets nothing but the right id.
told as (

    select
        customer_id,
        destination_instance,
        destination_id,
        if(is_in_channel, first_name, null) as first_name,
        if(is_in_channel, last_name, null) as last_name,
        if(is_in_channel, phone, null) as phone,
        if(is_in_channel, company, null) as company,
        if(is_in_channel, address_id, null) as address_id
    from wanted

)

select
    told.customer_id,
    told.destination_instance,
    told.destination_id,
    cast(told.customer_id as varchar) as crossdock_customer_id,
    mailboxes.email,
    told.first_name as firstname,
    told.last_name as lastname,
    told.phone,
    told.company,
    nullif(concat_ws(', ', addresses.line1, addresses.line2), '') as "address",
    addresses.city,
    addresses.region as "state",
    addresses.postal_code as zip,
    coalesce(countries.country_name, addresses.country_written) as country
from told
left join mailboxes
    on
        told.customer_id = mailboxes.customer_id
        and told.destination_instance = mailboxes.destination_instance
left join addresses on told.address_id = addresses.address_id
left join countries on addresses.country_code = countries.country_code
