{{ config(tags=['reconcile']) }}

-- What was sent is in the warehouse, unless the journal knows why it is not there yet.
select * from {{ ref('recon_requests') }}
where missing_count > 0
