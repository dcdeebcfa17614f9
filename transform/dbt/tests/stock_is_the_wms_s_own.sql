{{ config(tags=['reconcile']) }}

-- Our stock is the warehouse's, unit for unit.
select * from {{ ref('recon_stock') }}
where wms_on_hand != canonical_on_hand or wms_rows != canonical_rows
