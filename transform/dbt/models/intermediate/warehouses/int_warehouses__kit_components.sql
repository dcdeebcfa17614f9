{{ warehouse_union('kit_components') }}
