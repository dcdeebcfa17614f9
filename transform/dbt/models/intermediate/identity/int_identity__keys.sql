-- What of each record identifies, in the order in which records came to be.

{{ config(materialized='view') }}

with

record_keys as (

    select * from {{ ref('int_identity__record_keys') }}

),

sequence as (

    select * from {{ ref('int_identity__sequence') }}

)

select
    record_keys.*,
    sequence.seq,
    sequence.profile
from record_keys
inner join sequence on record_keys.record_id = sequence.record_id
