{{ config(enabled=has_account('mailbox')) }}

{{ channel_without() }}
