{{ channel_union('fulfillment_requests') }}
