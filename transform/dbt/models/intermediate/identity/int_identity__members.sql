-- Which customer each record belongs to, and the rule that says so.

with

records as (

    select * from {{ ref('int_identity__keys') }}

),

clusters as (

    select * from {{ ref('int_identity__members_ties') }}

),

pairs as (

    select * from {{ ref('int_identity__pairs') }}

),

vendor_merges as (

    select * from {{ ref('int_identity__merges') }}

),

-- The most trusted of the rules that tie a record to any other of its customer.
ties as (

    select
        ends.seq,
        min_by(ends.rule, ends.trust) as rule
    from (
        select
            left_seq as seq,
            right_seq as other_seq,
            rule,
            trust
        from pairs
        union all
        select
            right_seq as seq,
            left_seq as other_seq,
            rule,
            trust
        from pairs
    ) as ends
    inner join clusters on ends.seq = clusters.seq
    inner join clusters as others
        on ends.other_seq = others.seq and clusters.cluster = others.cluster
    group by ends.seq

),

-- A contact may carry the id of a record that its source no longer has: the customer keeps it. Of
-- several contacts that do, only one gives it.
carried as (

    select
        contacts.seq,
        contacts.stated_customer_id
    from records as contacts
    left join records as named on contacts.stated_customer_id = named.record_id
    where contacts.stated_customer_id is not null and named.record_id is null
    qualify row_number() over (
        partition by contacts.stated_customer_id
        order by contacts.seq
    ) = 1

),

carried_ids as (

    select
        clusters.cluster,
        min_by(carried.stated_customer_id, carried.seq) as customer_id
    from carried
    inner join clusters on carried.seq = clusters.seq
    group by clusters.cluster

),

-- The least `seq` of a customer is that of its first record.
customers as (

    select
        firsts.seq as cluster,
        coalesce(carried_ids.customer_id, firsts.record_id) as customer_id
    from records as firsts
    left join carried_ids on firsts.seq = carried_ids.cluster

)

select
    records.record_id,
    records.seq,
    customers.customer_id,
    clusters.cluster = records.seq as is_first,
    count(*) over (partition by clusters.cluster) as members,
    case
        when count(*) over (partition by clusters.cluster) = 1 then 'alone'
        when vendor_merges.source_id is not null then 'vendor_merge'
        when clusters.cluster = records.seq then 'first'
        else ties.rule
    end as rule
from records
inner join clusters on records.seq = clusters.seq
inner join customers on clusters.cluster = customers.cluster
left join ties on records.seq = ties.seq
left join vendor_merges
    on
        records.source_instance = vendor_merges.source_instance
        and records.source_object = vendor_merges.source_object
        and records.source_id = vendor_merges.source_id
