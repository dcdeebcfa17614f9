{{ landed('channels', records='orders', key=['source_instance', 'source_id']) }}

{{ channel_union('orders') }}
