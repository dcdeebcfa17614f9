{{ config(tags=['orders_path']) }}

-- Whatever the gate answers is in the seed that explains it.
select requests.gate_result
from {{ ref('fulfillment_requests') }} as requests
left join {{ ref('gate_reasons') }} as reasons on requests.gate_result = reasons.reason
where requests.gate_result != 'sent' and reasons.reason is null
