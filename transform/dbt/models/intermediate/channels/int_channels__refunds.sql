{{ channel_union('refunds') }}
