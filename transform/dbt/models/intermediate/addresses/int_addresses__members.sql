-- The addresses that sources name, each with its customer: the main one of a customer or contact,
-- and where an order ships and whom it bills. `address_id` is the same for the same address of
-- the same customer, however it is written.

{{ config(materialized='view') }}

select * from {{ ref('int_addresses__of_people') }}

union all by name

select * exclude (order_id) from {{ ref('int_addresses__of_orders') }}
