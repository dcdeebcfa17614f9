{{ config(enabled=has_account('mailbox')) }}

{{ without_rows() }}
