{{ config(severity='warn') }}

-- Available by its terms is what the warehouse itself calls available; a kit's lies in its parts.
select
    source_instance,
    warehouse_id,
    sku,
    available,
    vendor_available,
    available_difference
from {{ ref('inventory_levels') }}
where available_difference != 0 and not is_kit
