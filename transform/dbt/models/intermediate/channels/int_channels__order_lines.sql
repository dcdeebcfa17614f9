{{ channel_union('order_lines') }}
