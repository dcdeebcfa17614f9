with

duplicates as (

    select * from {{ ref('int_item_duplicates') }}

),

items as (

    select sku, description, active from {{ ref('items') }}

)

select
    duplicates.problem,
    duplicates.shared_value,
    count(*) as skus,
    {{ shown_list(
        phrase(
            'duplicates.sku', 'items.description', 'duplicates.warehouses',
            "case when not items.active then 'not kept any more' end"
        ),
        order_by='duplicates.sku'
    ) }} as items
from duplicates
inner join items on duplicates.sku = items.sku
group by duplicates.problem, duplicates.shared_value
order by duplicates.problem, duplicates.shared_value
