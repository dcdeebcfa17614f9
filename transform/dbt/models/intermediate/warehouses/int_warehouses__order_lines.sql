{{
    landed(
        'warehouses', records='orders', key=['source_instance', 'wms_order_id'],
        records_key=['destination_instance', 'destination_id'],
    )
}}

{{ warehouse_union('order_lines') }}
