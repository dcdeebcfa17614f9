select * from {{ ref('report_why_orders') }}
union all
select * from {{ ref('report_why_others') }}
