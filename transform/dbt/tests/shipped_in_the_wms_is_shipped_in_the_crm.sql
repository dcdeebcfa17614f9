{{ config(tags=['reconcile']) }}

-- The CRM says shipped of exactly those orders that were.
select * from {{ ref('recon_shipped') }}
where is_different and not is_on_its_way
