{% set properties = [
    'crossdock_customer_id', 'email', 'firstname', 'lastname', 'phone', 'company', 'address',
    'city', 'state', 'zip', 'country',
] %}

with

-- Of a contact that was merged into another one nothing is left but where it went.
raw_contacts as (

    select
        source_instance as destination_instance,
        id as destination_id,
        "_crossdock_read_at" as read_at,
        "createdAt" as created_at,
        coalesce("updatedAt", "_crossdock_read_at", "_sdc_loaded_at") as updated_at,
        coalesce(archived, false) or "_sdc_deleted_at" is not null as is_gone,
        "mergedInto" as merged_into,
        "_sdc_loaded_at" as loaded_at,
        url as record_url,
        {{ json_record('properties', properties) }} as contact
    from {{ raw('hubspot', 'contacts') }}

)

select
    * exclude (contact),
    {% for property in properties -%}
    nullif(trim({{ json_field('contact', property) }}), '')
        as {{ property }}{{ ',' if not loop.last }}
    {% endfor %}
from raw_contacts
