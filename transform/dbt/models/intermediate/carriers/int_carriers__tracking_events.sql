{{ carrier_union('tracking_events') }}
