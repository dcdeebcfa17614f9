{{ channel_union('fulfillment_request_lines') }}
