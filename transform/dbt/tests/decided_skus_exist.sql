{{ config(severity='warn') }}

-- A decision for a SKU that no warehouse knows changes nothing until it does.
select * from {{ ref('int_sku_decisions') }}
where not is_known_sku
