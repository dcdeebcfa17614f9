{{ config(enabled=instances('easypost') | length > 0) }}

with

raw_addresses as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        "_sdc_deleted_at" is not null as is_gone,
        -- What is verified comes back in capitals.
        lower(name) as name,
        street1,
        street2,
        city,
        "state",
        zip,
        country
    from {{ raw('easypost', 'addresses') }}

)

select * from raw_addresses
where name is not null
