{{ config(materialized='view') }}

-- Changes of orders, and of the customers that they are of.

select order_id, build from {{ ref('int_order_changes') }}

union all

select order_id, build from {{ ref('int_order_people') }}
