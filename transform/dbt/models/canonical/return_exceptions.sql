with

findings as (

    select * from {{ ref('int_return_findings') }}

),

kinds as (

    select * from {{ ref('return_exception_kinds') }}

)

select
    {{ canonical_id(
        'return_exception', 'findings.kind', 'findings.source_instance', 'findings.source_id'
    ) }} as return_exception_id,
    findings.kind,
    findings.return_id,
    findings.order_id,
    findings.source_instance,
    findings.source_id,
    findings.detail,
    kinds.next_step,
    findings.since,
    findings.since as last_updated_at
from findings
inner join kinds on findings.kind = kinds.kind
-- People hear of it when their patience with it is over.
where findings.since + kinds.patience_days * interval '1 day' <= {{ business_now() }}
