{{ channel_union('listings') }}
