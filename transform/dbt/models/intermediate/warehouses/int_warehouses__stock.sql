{{ warehouse_union('stock') }}
