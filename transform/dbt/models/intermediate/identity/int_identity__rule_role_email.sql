-- The same mailbox of a role (info@, sales@): also the names must be able to be the same.

{{ config(materialized='ephemeral') }}

with

profiles as (

    select * from {{ ref('int_identity__profiles') }}
    where email_class = 'role'

)

select * from {{ pairs_by_key_and_name('profiles', 'email_key', "'role_email'") }}
