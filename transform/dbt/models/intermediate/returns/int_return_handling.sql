with

returned as (

    select order_line_id from {{ ref('int_return_lines__shop') }}
    union
    select order_line_id from {{ ref('int_return_lines__wms') }}
    union
    select order_line_id from {{ ref('int_refund_lines') }}

),

request_lines as (

    select order_line_id, fulfillment_request_id from {{ ref('int_request_lines') }}
    where order_line_id in (select order_line_id from returned)

),

requests as (

    select fulfillment_request_id, order_id, warehouse_instance
    from {{ ref('int_request_facts') }}

),

handling as (

    select * from {{ ref('returns_handled_by') }}

),

-- The closest row speaks: of the account, of its system, of all.
handled as (

    select
        requests.fulfillment_request_id,
        requests.order_id,
        requests.warehouse_instance is not null
        and coalesce(own.handled_by, of_system.handled_by, of_all.handled_by, 'wms') = 'wms'
            as is_by_wms
    from requests
    left join handling as own on requests.warehouse_instance = own.warehouse
    left join handling as of_system
        on split_part(requests.warehouse_instance, ':', 1) = of_system.warehouse
    left join handling as of_all on of_all.warehouse = '*'

)

select
    request_lines.order_line_id,
    handled.order_id,
    bool_or(handled.is_by_wms) as is_by_wms
from request_lines
inner join handled on request_lines.fulfillment_request_id = handled.fulfillment_request_id
group by request_lines.order_line_id, handled.order_id
