{{ warehouse_union('order_lines') }}
