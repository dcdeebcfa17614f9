with

raw_pairs as (

    select
        source_instance,
        id as ticket_id,
        {{ unnest_json(json_value('associations', 'orders.results')) }} as pair
    from {{ raw('hubspot', 'tickets') }}
    where not coalesce(archived, false) and "_sdc_deleted_at" is null

)

-- A pair with two labels is there twice.
select distinct
    source_instance,
    ticket_id,
    {{ json_text('pair', 'id') }} as crm_order_id
from raw_pairs
