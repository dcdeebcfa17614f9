{{ config(tags=['reconcile']) }}

-- Every request of the shop is sent or has exactly one reason.
select
    source_instance,
    max(shop_count) as shop_count,
    sum(request_count) as judged_count
from {{ ref('recon_requests') }}
group by source_instance
having max(shop_count) != sum(request_count)
