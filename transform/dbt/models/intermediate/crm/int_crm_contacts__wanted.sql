-- Which customers each account of the CRM should hold, and the contact that stands for each. Who is
-- known to the CRM alone is its own affair, unless the contact carries another customer's id: that
-- one is put right, and nothing else of it.

with

customers as (

    select * from {{ ref('customers') }}

),

survivors as (

    select * from {{ ref('int_crm_contacts__ranked') }}
    where place = 1

),

current_customers as (

    select * from {{ ref('int_crm_contacts__current') }}

),

accounts as (

    select unnest({{ instances('hubspot') }}) as destination_instance

)

select
    customers.customer_id,
    accounts.destination_instance,
    survivors.destination_id,
    customers.is_in_channel,
    customers.email,
    customers.email_class,
    lower(customers.email) as mailbox,
    customers.first_name,
    customers.last_name,
    customers.phone,
    customers.company,
    -- An address is one value: half of theirs and half of ours would be a place of its own.
    if(not coalesce(survivors.has_address, false), customers.default_address_id, null)
        as address_id,
    customers.created_at
from customers
cross join accounts
left join survivors
    on
        customers.customer_id = survivors.customer_id
        and accounts.destination_instance = survivors.destination_instance
left join current_customers on customers.customer_id = current_customers.customer_id
where
    (
        customers.is_in_channel
        and coalesce(survivors.customer_id, current_customers.customer_id) is not null
    )
    or (
        not survivors.is_gone
        and survivors.carried_customer_id <> cast(customers.customer_id as varchar)
    )
