{{ config(enabled=has_account('wms_sftp')) }}

{{ without_rows() }}
