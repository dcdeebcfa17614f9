-- The CRM's contact carries our id: it belongs to the customer that it names. Contacts that carry
-- one id whose own record is no more are one customer, too.

{{ config(materialized='ephemeral') }}

with

records as (

    select * from {{ ref('int_identity__keys') }}

),

named as (

    select
        contacts.seq,
        coalesce(first_records.seq, min(contacts.seq) over (
            partition by contacts.stated_customer_id
        )) as named_seq
    from records as contacts
    left join records as first_records on contacts.stated_customer_id = first_records.record_id
    where contacts.stated_customer_id is not null

)

select
    least(seq, named_seq) as left_seq,
    greatest(seq, named_seq) as right_seq,
    'crm_id' as rule
from named
where seq <> named_seq
