-- What a person settled stays so until something new happens: a lost parcel that was paid for.
select
    exception_type,
    source_instance,
    source_id,
    max(try_cast("when" as timestamptz)) as settled_at
from {{ decisions(
    'fulfillment_exceptions',
    ['exception_type', 'source_instance', 'source_id', 'who', 'when', 'why'],
    required=['exception_type', 'source_instance', 'source_id', 'when'],
) }} as decisions
group by exception_type, source_instance, source_id
