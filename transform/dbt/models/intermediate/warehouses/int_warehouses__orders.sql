{{ landed('warehouses', records='orders', key=['destination_instance', 'destination_id']) }}

{{ warehouse_union('orders') }}
