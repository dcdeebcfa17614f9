with

raw_components as (

    select
        source_instance,
        trim(sku) as kit_sku,
        updated_at,
        {{ unnest_json('kit_components') }} as component
    from {{ raw('shiphero', 'products') }}
    where "_sdc_deleted_at" is null and kit

),

components as (

    select
        source_instance,
        kit_sku,
        updated_at,
        trim({{ json_text('component', 'sku') }}) as component_sku,
        cast({{ json_text('component', 'quantity') }} as bigint) as quantity
    from raw_components

)

-- A component that is listed twice is needed twice.
select
    source_instance,
    kit_sku,
    component_sku,
    sum(quantity) as quantity,
    max(updated_at) as updated_at
from components
group by source_instance, kit_sku, component_sku
