{{ warehouse_union('items') }}
