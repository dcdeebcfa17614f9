{{ config(enabled=has_account('wms_sftp')) }}

-- When anything of an order was last loaded: the files tell of its lines, each for itself.

with

raw_lines as (

    select
        source_instance,
        order_number,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('wms_sftp', 'acknowledgements') }}

    union all

    select
        source_instance,
        order_number,
        "_sdc_loaded_at" as loaded_at
    from {{ raw('wms_sftp', 'shipment_confirmations') }}

)

select
    source_instance,
    nullif(trim(order_number), '') as order_number,
    max(loaded_at) as loaded_at
from raw_lines
group by all
