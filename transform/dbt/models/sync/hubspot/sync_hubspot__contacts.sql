-- Customers that a shop knows. Who is known to the CRM alone is the CRM's own affair: its
-- contact has no row here and is never written to.

with

customers as (

    select * from {{ ref('customers') }}
    where is_in_channel

),

xref as (

    select * from {{ ref('customer_xref') }}

),

contacts as (

    select * from {{ ref('stg_hubspot__contacts') }}

),

addresses as (

    select * from {{ ref('addresses') }}

),

orders as (

    select
        source_instance,
        source_id,
        customer_source_id
    from {{ ref('int_orders') }}
    where not is_test and not is_before_go_live

),

settings as (

    select * from {{ ref('instance_settings') }}

),

countries as (

    select country_code, country_name
    from {{ ref('country_names') }}
    where is_preferred

),

accounts as (

    select unnest({{ instances('hubspot') }}) as destination_instance

),

-- Before go-live a customer is adopted where the CRM has it, and otherwise left alone, until it
-- orders again.
current_customers as (

    select xref.customer_id
    from xref
    left join settings on xref.source_instance = settings.instance
    where
        xref.source_object = 'customer'
        and not xref.is_gone
        and xref.source_created_at >= coalesce(settings.go_live_at, {{ default_go_live_at() }})

    union

    select xref.customer_id
    from orders
    inner join xref
        on
            orders.source_instance = xref.source_instance
            and if(orders.customer_source_id is null, 'order', 'customer') = xref.source_object
            and coalesce(orders.customer_source_id, orders.source_id) = xref.source_id

),

-- Of several contacts of one customer the one that carries its id survives, else the oldest. A
-- contact that is gone still stands for its customer: what is gone must not come back.
survivors as (

    select
        xref.customer_id,
        contacts.destination_instance,
        contacts.destination_id,
        coalesce(contacts.address, contacts.city, contacts.zip) is not null as has_address
    from contacts
    inner join xref
        on
            contacts.destination_instance = xref.source_instance
            and contacts.destination_id = xref.source_id
            and xref.source_object = 'contact'
    qualify row_number() over (
        partition by xref.customer_id, contacts.destination_instance
        order by
            contacts.is_gone,
            contacts.crossdock_customer_id is distinct from cast(xref.customer_id as varchar),
            contacts.created_at,
            contacts.destination_id
    ) = 1

),

wanted as (

    select
        customers.*,
        accounts.destination_instance,
        survivors.destination_id,
        -- An address is one value: half of theirs and half of ours would be a place of its own.
        if(not coalesce(survivors.has_address, false), customers.default_address_id, null)
            as address_id,
        lower(customers.email) as mailbox
    from customers
    cross join accounts
    left join survivors
        on
            customers.customer_id = survivors.customer_id
            and accounts.destination_instance = survivors.destination_instance
    left join current_customers on customers.customer_id = current_customers.customer_id
    where survivors.destination_id is not null or current_customers.customer_id is not null

),

holders as (

    select
        destination_instance,
        lower(email) as mailbox,
        min(destination_id) as destination_id
    from contacts
    where email is not null and not is_gone
    group by destination_instance, mailbox

),

-- An address belongs to one contact only: to the one that has it, else to the oldest customer.
-- The others do without, since the CRM would refuse them. An address behind a relay is for its
-- channel alone.
mailboxes as (

    select
        wanted.customer_id,
        wanted.destination_instance,
        wanted.email
    from wanted
    left join holders
        on
            wanted.destination_instance = holders.destination_instance
            and wanted.mailbox = holders.mailbox
    where
        wanted.email is not null
        and wanted.email_class is distinct from 'relay'
        and (
            holders.destination_id is null
            or holders.destination_id is not distinct from wanted.destination_id
        )
    qualify row_number() over (
        partition by wanted.destination_instance, wanted.mailbox
        order by wanted.created_at, wanted.customer_id
    ) = 1

)

select
    wanted.customer_id,
    wanted.destination_instance,
    wanted.destination_id,
    cast(wanted.customer_id as varchar) as crossdock_customer_id,
    mailboxes.email,
    wanted.first_name as firstname,
    wanted.last_name as lastname,
    wanted.phone,
    wanted.company,
    nullif(concat_ws(', ', addresses.line1, addresses.line2), '') as "address",
    addresses.city,
    addresses.region as "state",
    addresses.postal_code as zip,
    coalesce(countries.country_name, addresses.country_written) as country
from wanted
left join mailboxes
    on
        wanted.customer_id = mailboxes.customer_id
        and wanted.destination_instance = mailboxes.destination_instance
left join addresses on wanted.address_id = addresses.address_id
left join countries on addresses.country_code = countries.country_code
