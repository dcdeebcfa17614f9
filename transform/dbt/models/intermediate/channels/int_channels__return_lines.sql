{{ channel_union('return_lines') }}
