{{
    landed(
        'channels', records='fulfillment_requests', key=['source_instance', 'request_source_id'],
        records_key=None,
    )
}}

{{ channel_union('fulfillment_request_lines') }}
