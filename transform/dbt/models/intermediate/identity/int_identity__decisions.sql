-- What people decided about customers: one row per decision, as it is written, and whether it can
-- be heard. A side names a record (`shopify:main customer 123`), a customer's id, or an e-mail
-- address, which means every record with that address.

with

decided as (

    select distinct
        lower("action") as "action",
        "left" as left_name,
        "right" as right_name,
        "who" as decided_by,
        "when" as decided_at,
        "why" as reason
    from {{ decisions(
        'customers',
        ['action', 'left', 'right', 'who', 'when', 'why'],
        required=['action', 'left', 'right'],
    ) }}
    where coalesce("action", '') <> ''

)

select
    {{ canonical_id(
        'decision', '"action"', 'left_name', 'right_name', 'decided_by', 'decided_at', 'reason'
    ) }} as decision_id,
    decided.*
from decided
