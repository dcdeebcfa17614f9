{{ channel_union('customers') }}
