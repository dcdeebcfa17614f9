{{ landed('warehouses', records='shipments', key=['source_instance', 'shipment_source_id']) }}

{{ warehouse_union('shipment_lines') }}
