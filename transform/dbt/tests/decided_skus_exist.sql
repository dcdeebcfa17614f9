{{ config(severity='warn') }}

-- A decision with a problem changes nothing; somebody should hear of it.
select * from {{ ref('int_sku_decisions') }}
where problem is not null
