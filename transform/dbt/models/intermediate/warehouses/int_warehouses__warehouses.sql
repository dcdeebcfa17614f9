{{ warehouse_union('warehouses') }}
