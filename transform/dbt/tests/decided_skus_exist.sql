{{ config(severity='warn') }}

-- A decision for a SKU that no warehouse knows, or for no whole number of units, changes nothing.
select * from {{ ref('int_sku_decisions') }}
where not is_sound
