{{ warehouse_union('shipment_lines') }}
