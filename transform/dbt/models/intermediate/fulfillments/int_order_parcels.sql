{{ per_order() }}

with

packages as (

    select * from {{ of_changed_orders(ref('fulfillment_packages')) }}
    where not is_voided

)

select
    order_id,
    count(*) as parcel_count,
    count(*) filter (where is_shipped) as shipped_count,
    count(*) filter (where is_shipped and tracking_status = 'delivered') as delivered_count,
    -- As a set: the same numbers are the same text, in whatever order labels were printed.
    {{ joined_few('case when is_shipped then tracking_number end') }} as tracking_numbers,
    {{ joined_few('case when is_shipped then carrier end') }} as carriers,
    count(*) filter (where is_shipped and tracking_status = 'delivered')
    = count(*) filter (where is_shipped) and coalesce(bool_or(is_shipped), false) as is_delivered,
    min(shipped_at) as shipped_at,
    max(shipped_at) as last_shipped_at,
    case
        when count(*) filter (where is_shipped and delivered_at is null) = 0 then max(delivered_at)
    end as delivered_at,
    max(last_updated_at) as last_updated_at
from packages
group by order_id
