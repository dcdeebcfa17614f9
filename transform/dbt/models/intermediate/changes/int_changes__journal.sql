{{ config(materialized='view') }}

-- Requests that a warehouse confirmed, and when the journal's word of it was loaded.

with

confirmed as (

    select fulfillment_request_id, loaded_at from {{ ref('int_confirmed_requests') }}

),

requests as (

    select fulfillment_request_id, order_id from {{ ref('int_channels__fulfillment_requests') }}

)

select
    requests.order_id,
    confirmed.loaded_at
from confirmed
inner join requests on confirmed.fulfillment_request_id = requests.fulfillment_request_id
