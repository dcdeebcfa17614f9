{{ warehouse_union('orders') }}
