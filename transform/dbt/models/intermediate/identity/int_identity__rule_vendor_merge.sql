-- The system itself merged the records. A contact that went into another one still belongs to the
-- customer that it carried before; one that kept a merged contact's address, to who has that.

{{ config(materialized='ephemeral') }}

with

records as (

    select * from {{ ref('int_identity__keys') }}

),

vendor_merges as (

    select * from {{ ref('int_identity__merges') }}

),

carried as (

    select
        vendor_merges.source_instance,
        vendor_merges.source_id,
        arg_max(seen.named, seen.sequence) as customer_id
    from vendor_merges
    inner join {{ ref('int_identity__merges_seen') }} as seen
        on
            vendor_merges.source_instance = seen.source_instance
            and vendor_merges.source_object = seen.source_object
            and vendor_merges.source_id = seen.source_id
    where vendor_merges.source_object = 'contact'
    group by vendor_merges.source_instance, vendor_merges.source_id

),

further_emails as (

    select * from {{ ref('stg_hubspot__contact_emails') }}

),

merged as (

    select
        gone.seq,
        kept.seq as other_seq
    from vendor_merges
    inner join records as gone
        on
            vendor_merges.source_instance = gone.source_instance
            and vendor_merges.source_object = gone.source_object
            and vendor_merges.source_id = gone.source_id
    inner join records as kept
        on
            vendor_merges.source_instance = kept.source_instance
            and vendor_merges.source_object = kept.source_object
            and vendor_merges.into_id = kept.source_id

),

carrying as (

    select
        gone.seq,
        named.seq as other_seq
    from carried
    inner join records as gone
        on
            carried.source_instance = gone.source_instance
            and gone.source_object = 'contact'
            and carried.source_id = gone.source_id
    inner join records as named on try_cast(carried.customer_id as uuid) = named.record_id

),

addressed as (

    select
        contacts.seq,
        holders.seq as other_seq
    from further_emails
    inner join records as contacts
        on
            further_emails.destination_instance = contacts.source_instance
            and contacts.source_object = 'contact'
            and further_emails.destination_id = contacts.source_id
    inner join records as holders on further_emails.email_key = holders.email_key
    where holders.email_class is null

),

together as (

    select * from merged
    union
    select * from carrying
    union
    select * from addressed

)

select
    least(seq, other_seq) as left_seq,
    greatest(seq, other_seq) as right_seq,
    'vendor_merge' as rule
from together
where seq <> other_seq
