{{ warehouse_union('inventory_changes') }}
