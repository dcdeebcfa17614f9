-- Which record is of which customer, as the changes of the next build are told from it.
-- depends_on: {{ ref('int_customer_changes') }}

with

members as (

    select * from {{ ref('int_identity__members') }}

),

records as (

    select * from {{ ref('int_identity__records') }}

)

select
    members.record_id,
    members.customer_id,
    members.rule,
    members.is_first,
    records.build
from members
inner join records on members.record_id = records.record_id
