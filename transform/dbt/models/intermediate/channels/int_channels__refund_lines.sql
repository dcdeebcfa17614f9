{{ channel_union('refund_lines') }}
