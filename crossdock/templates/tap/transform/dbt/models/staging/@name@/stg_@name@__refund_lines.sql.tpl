{{ config(enabled=has_account('@name@')) }}

{{ without_rows() }}
