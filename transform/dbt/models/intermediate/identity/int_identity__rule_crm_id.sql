-- The CRM's contact carries our id: it belongs to the customer that it names.

{{ config(materialized='ephemeral') }}

with

records as (

    select * from {{ ref('int_identity__keys') }}

)

select
    least(named.seq, contacts.seq) as left_seq,
    greatest(named.seq, contacts.seq) as right_seq,
    'crm_id' as rule
from records as contacts
inner join records as named on contacts.stated_customer_id = named.record_id
where contacts.seq <> named.seq
