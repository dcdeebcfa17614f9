{{ warehouse_union('packages') }}
