{{ channel_union('returns') }}
