with

raw_products as (

    select
        source_instance,
        id as source_id,
        trim(sku) as sku,
        name as title,
        updated_at,
        nullif(trim(barcode), '') as barcode,
        coalesce(active, true) as is_active,
        coalesce(kit, false) as is_kit,
        {{ measure(json_text('dimensions', 'weight')) }} as weight,
        {{ measure(json_text('dimensions', 'length')) }} as length,
        {{ measure(json_text('dimensions', 'width')) }} as width,
        {{ measure(json_text('dimensions', 'height')) }} as height
    from {{ raw('shiphero', 'products') }}
    where "_sdc_deleted_at" is null

),

instance_units as (

    select * from {{ ref('instance_units') }}

),

measured as (

    select
        raw_products.*,
        coalesce(own.weight_unit, common.weight_unit) as weight_unit,
        coalesce(own.length_unit, common.length_unit) as length_unit
    from raw_products
    left join instance_units as own on raw_products.source_instance = own.instance
    left join instance_units as common on common.instance = 'shiphero'

)

select
    source_instance,
    source_id,
    sku,
    title,
    barcode,
    is_active,
    is_kit,
    updated_at,
    {{ grams('weight', 'weight_unit') }} as weight_g,
    {{ millimetres('length', 'length_unit') }} as length_mm,
    {{ millimetres('width', 'length_unit') }} as width_mm,
    {{ millimetres('height', 'length_unit') }} as height_mm
from measured
