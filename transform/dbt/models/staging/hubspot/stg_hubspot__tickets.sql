with

raw_tickets as (

    select
        source_instance,
        id as ticket_id,
        "createdAt" as created_at,
        "updatedAt" as updated_at,
        {{ json_text('properties', 'subject') }} as subject,
        {{ json_text('properties', 'hs_pipeline') }} as pipeline,
        {{ json_text('properties', 'hs_pipeline_stage') }} as stage,
        nullif(trim({{ json_text('properties', ticket_property('rma')) }}), '') as rma_id,
        nullif(trim({{ json_text('properties', ticket_property('order')) }}), '') as order_number
    from {{ raw('hubspot', 'tickets') }}
    where not coalesce(archived, false) and "_sdc_deleted_at" is null

)

select * from raw_tickets
