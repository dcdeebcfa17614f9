with

raw_customers as (

    select
        source_instance,
        {{ gid_number('id') }} as source_id,
        "createdAt" as created_at,
        "updatedAt" as updated_at,
        "_sdc_deleted_at" is not null as is_gone,
        nullif(trim("firstName"), '') as first_name,
        nullif(trim("lastName"), '') as last_name,
        {{ json_text('"defaultEmailAddress"', 'emailAddress') }} as email,
        {{ json_text('"defaultPhoneNumber"', 'phoneNumber') }} as phone,
        {{ shopify_address('"defaultAddress"') }} as default_address,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('shopify', 'customers') }}

)

select
    * exclude (default_address),
    {{ shopify_address_parts('default_address', 'address') }}
from raw_customers
