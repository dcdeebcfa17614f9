{{ warehouse_union('return_lines') }}
