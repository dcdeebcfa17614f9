{{ channel_union('orders') }}
