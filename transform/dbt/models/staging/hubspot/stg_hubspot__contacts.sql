{% set properties = [
    'crossdock_customer_id', 'email', 'firstname', 'lastname', 'phone', 'company', 'address',
    'city', 'state', 'zip', 'country',
] %}

with

raw_contacts as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        "createdAt" as created_at,
        "updatedAt" as updated_at,
        coalesce(archived, false) or "_sdc_deleted_at" is not null as is_gone,
        {% for property in properties -%}
        nullif(trim({{ json_text('properties', property) }}), '')
            as {{ property }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ raw('hubspot', 'contacts') }}

)

select * from raw_contacts
