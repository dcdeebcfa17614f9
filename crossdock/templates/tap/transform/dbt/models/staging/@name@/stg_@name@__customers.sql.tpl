{{ config(enabled=has_account('@name@')) }}

{{ channel_without() }}
