{{ warehouse_union('returns') }}
