{{
    landed(
        'channels', records='orders', key=['source_instance', 'order_source_id'],
        records_key=['source_instance', 'source_id'],
    )
}}

{{ channel_union('order_lines') }}
