-- The contacts of each customer, in the order in which they may stand for it. What is there comes
-- before what is gone, and that before what was merged into another one; the one that carries the
-- customer's id before others, and then the oldest. A contact that is gone still stands for its
-- customer if there is no other: what is gone must not come back.

with

xref as (

    select * from {{ ref('customer_xref') }}
    where source_object = 'contact'

),

contacts as (

    select * from {{ ref('stg_hubspot__contacts') }}

)

select
    xref.customer_id,
    contacts.destination_instance,
    contacts.destination_id,
    contacts.crossdock_customer_id as carried_customer_id,
    contacts.is_gone,
    contacts.merged_into,
    contacts.record_url,
    contacts.updated_at,
    xref.rule,
    coalesce(contacts.address, contacts.city, contacts.zip) is not null as has_address,
    row_number() over (
        partition by xref.customer_id, contacts.destination_instance
        order by
            contacts.is_gone,
            contacts.merged_into is not null,
            contacts.crossdock_customer_id is distinct from cast(xref.customer_id as varchar),
            contacts.created_at,
            contacts.destination_id
    ) as place
from contacts
inner join xref
    on
        contacts.destination_instance = xref.source_instance
        and contacts.destination_id = xref.source_id
