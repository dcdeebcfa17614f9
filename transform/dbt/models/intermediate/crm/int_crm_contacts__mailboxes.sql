-- Who gets which e-mail address in the CRM. There an address belongs to one contact only: to the
-- one that has it, else to that of the oldest customer. The others do without, since the CRM
-- would refuse them. An address behind a relay is for its channel alone.

with

wanted as (

    select * from {{ ref('int_crm_contacts__wanted') }}
    where is_in_channel and email is not null and email_class is distinct from 'relay'

),

contacts as (

    select
        destination_instance,
        destination_id,
        lower(email) as mailbox
    from {{ ref('stg_hubspot__contacts') }}
    where email is not null and not is_gone

    union all

    select
        further_emails.destination_instance,
        further_emails.destination_id,
        lower(further_emails.email) as mailbox
    from {{ ref('stg_hubspot__contact_emails') }} as further_emails

),

holders as (

    select
        destination_instance,
        mailbox,
        min(destination_id) as destination_id
    from contacts
    group by destination_instance, mailbox

)

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
    holders.destination_id is null
    or holders.destination_id is not distinct from wanted.destination_id
qualify row_number() over (
    partition by wanted.destination_instance, wanted.mailbox
    order by wanted.created_at, wanted.customer_id
) = 1
