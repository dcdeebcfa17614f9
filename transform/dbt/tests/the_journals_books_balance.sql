{{ config(tags=['reconcile']) }}

-- Each row of a sync was unchanged, blocked or acted on, and each operation came to an end.
select * from {{ ref('recon_books') }}
where not is_in_balance
