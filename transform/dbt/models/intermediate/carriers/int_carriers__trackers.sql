{{ carrier_union('trackers') }}
