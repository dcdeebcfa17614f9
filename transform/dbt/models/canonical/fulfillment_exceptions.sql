with

rules as (

    select * from {{ ref('exception_rules') }}

),

carriers as (

    select carrier_code, stuck_days from {{ ref('carriers') }}

),

found as (

    select * from {{ ref('int_exception_parcels') }}
    union all by name
    select * from {{ ref('int_exception_lines') }}

),

-- People hear of it when the days of its rule are over.
due as (

    select
        found.*,
        rules.next_step
    from found
    inner join rules on found.exception_type = rules.exception_type
    left join carriers
        on found.carrier_code = carriers.carrier_code and found.exception_type = 'stuck'
    where
        found.since + coalesce(carriers.stuck_days, rules.after_days) * interval '1 day'
        <= {{ business_now() }}

),

contents as (

    select fulfillment_package_id, order_line_id
    from {{ ref('fulfillment_lines') }}
    where order_line_id is not null and is_shipped

),

packages as (

    select fulfillment_package_id, shipped_at from {{ ref('fulfillment_packages') }}

),

order_lines as (

    select order_line_id, returned_quantity from {{ ref('order_lines') }}

),

-- A parcel that did not arrive is settled when all that was in it came back, or left once more.
replaced as (

    select
        contents.fulfillment_package_id,
        contents.order_line_id,
        bool_or(later_packages.shipped_at > due.since) as is_sent_again
    from due
    inner join contents on due.fulfillment_package_id = contents.fulfillment_package_id
    left join contents as later on contents.order_line_id = later.order_line_id
    left join packages as later_packages
        on later.fulfillment_package_id = later_packages.fulfillment_package_id
    where due.exception_type in ('returned_to_sender', 'delivery_failed', 'stuck')
    group by contents.fulfillment_package_id, contents.order_line_id

),

settled as (

    select replaced.fulfillment_package_id
    from replaced
    left join order_lines on replaced.order_line_id = order_lines.order_line_id
    group by replaced.fulfillment_package_id
    having
        bool_and(
            coalesce(replaced.is_sent_again, false)
            or coalesce(order_lines.returned_quantity, 0) > 0
        )

),

decided as (

    select * from {{ ref('int_exception_decisions') }}

)

select
    {{ canonical_id(
        'fulfillment_exception', 'due.exception_type', 'due.source_instance', 'due.source_id'
    ) }} as fulfillment_exception_id,
    due.exception_type,
    due.order_id,
    due.order_line_id,
    due.fulfillment_id,
    due.fulfillment_package_id,
    due.source_instance,
    due.source_id,
    due.since,
    due.detail,
    due.next_step,
    due.last_updated_at
from due
left join settled on due.fulfillment_package_id = settled.fulfillment_package_id
left join decided
    on
        due.exception_type = decided.exception_type
        and due.source_instance = decided.source_instance
        and due.source_id = decided.source_id
        and due.since <= decided.settled_at
where settled.fulfillment_package_id is null and decided.settled_at is null
