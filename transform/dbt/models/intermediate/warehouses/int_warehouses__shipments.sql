{{ warehouse_union('shipments') }}
