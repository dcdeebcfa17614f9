-- Where the journal finds what it knows by an id that is another one today: the customer of a
-- contact, a customer whose id is no more, the contact that a merged one went into.

with

history as (

    select * from {{ ref('customer_id_history') }}

),

ranked as (

    select * from {{ ref('int_crm_contacts__ranked') }}

),

survivors as (

    select * from ranked
    where place = 1

),

customers as (

    select customer_id from {{ ref('customers') }}

),

xref as (

    select * from {{ ref('customer_xref') }}

),

-- A contact may be known by each customer that it ever belonged to.
known_contacts as (

    select
        source_instance as destination_instance,
        source_id as destination_id,
        from_customer_id as customer_id
    from history
    where source_object = 'contact'

    union

    select
        destination_instance,
        destination_id,
        customer_id
    from ranked
    where merged_into is not null

),

moved_contacts as (

    select
        known_contacts.destination_instance,
        known_contacts.destination_id,
        known_contacts.customer_id as from_key,
        ranked.customer_id as to_key,
        if(
            ranked.merged_into is null, ranked.destination_id, survivors.destination_id
        ) as to_destination_id
    from known_contacts
    inner join ranked
        on
            known_contacts.destination_instance = ranked.destination_instance
            and known_contacts.destination_id = ranked.destination_id
    inner join survivors
        on
            ranked.customer_id = survivors.customer_id
            and ranked.destination_instance = survivors.destination_instance
    where
        known_contacts.customer_id <> ranked.customer_id
        or (ranked.merged_into is not null and survivors.destination_id <> ranked.destination_id)

),

-- A customer whose id is no more lives on where its first record is today; where that is not
-- known, where the first of the records that left it is.
left_records as (

    select
        history.from_customer_id,
        xref.customer_id,
        row_number() over (
            partition by history.from_customer_id
            order by
                history.from_customer_id = {{ canonical_id(
                    'customer', 'xref.source_instance', 'xref.source_object', 'xref.source_id'
                ) }} desc,
                xref.source_created_at,
                xref.source_instance,
                xref.source_object,
                xref.source_id
        ) as place
    from history
    inner join xref
        on
            history.source_instance = xref.source_instance
            and history.source_object = xref.source_object
            and history.source_id = xref.source_id
    left join customers on history.from_customer_id = customers.customer_id
    where customers.customer_id is null

)

select
    destination_instance,
    destination_id,
    cast(from_key as varchar) as from_key,
    cast(to_key as varchar) as to_key,
    to_destination_id
from moved_contacts

union all

select
    cast(null as varchar) as destination_instance,
    cast(null as varchar) as destination_id,
    cast(from_customer_id as varchar) as from_key,
    cast(customer_id as varchar) as to_key,
    cast(null as varchar) as to_destination_id
from left_records
where place = 1
