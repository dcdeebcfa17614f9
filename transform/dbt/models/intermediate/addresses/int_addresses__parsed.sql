-- What each writing of an address says: its parts, apart and in one form, and what is amiss.

{{ config(
    materialized='incremental', unique_key='written_id', on_schema_change='sync_all_columns'
) }}

with

writings as (

    select * from {{ ref('int_addresses__writings') }}

),

split as (

    select * from {{ ref('int_addresses__split') }}

),

dictionary as (

    select dictionary from {{ ref('int_addresses__dictionary') }}

),

parted as (

    select
        writings.written_id,
        concat_ws(
            ', ',
            {%- for part in written_parts() %}
            writings.{{ part }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as written,
        split.reader,
        dictionary.dictionary,
        coalesce(split.is_split, false) as is_split,
        writings.is_in_one_piece and not coalesce(split.is_split, false) as is_unparsed,
        {%- for part in written_parts() %}
        if(split.is_split, split.{{ part }}, writings.{{ part }})
            as {{ part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from writings
    cross join dictionary
    left join split on writings.written_id = cast(split.written_id as uuid)

),
{% if is_incremental() %}

unread as (

    select parted.*
    from parted
    left join {{ this }} as known on parted.written_id = known.written_id
    where
        known.written_id is null
        or known.dictionary <> parted.dictionary
        or known.reader is distinct from parted.reader

),
{% endif %}

located as (

    {{ address_located('unread' if is_incremental() else 'parted') }}

),

keyed as (

    {{ address_keyed('located') }}

),

-- Many addresses share a postal code: each is judged once.
postal_codes as (

    {{ postal_code_judged('keyed') }}

),

judged as (

    select
        keyed.*,
        coalesce(postal_codes.postal_code_written, keyed.postal_code) as postal_code_written,
        {%- for issue in ['is_repaired', 'is_malformed', 'is_elsewhere', 'is_missing'] %}
        coalesce(postal_codes.{{ issue }}, false) as {{ issue }}{{ ',' if not loop.last }}
        {%- endfor %}
    from keyed
    left join postal_codes
        on
            keyed.country_code = postal_codes.country_code
            and keyed.region_code is not distinct from postal_codes.region_code
            and keyed.postal_code is not distinct from postal_codes.postal_code

)

select
    written_id,
    written,
    reader,
    dictionary,
    is_split,
    {{ one_line('street') }} as line1,
    nullif(concat_ws(', ', {{ one_line('further') }}, {{ unit_written('unit') }}), '') as line2,
    city,
    region,
    region_code,
    postal_code_written as postal_code,
    country,
    country_code,
    address_key,
    not is_unparsed
    and coalesce(street, further) is not null
    and city is not null
    and country_code is not null as is_valid,
    {{ issue_list({
        'unparsed': 'is_unparsed',
        'no_street': 'coalesce(street, further) is null',
        'no_city': 'city is null',
        'no_country': 'coalesce(country, country_code) is null',
        'country_deduced': 'country is null and country_code is not null',
        'unknown_country': 'country is not null and country_code is null',
        'unknown_region': 'is_unknown_region',
        'no_postal_code': 'is_missing',
        'postal_code_repaired': 'is_repaired',
        'postal_code_malformed': 'is_malformed',
        'postal_code_elsewhere': 'is_elsewhere',
    }) }} as issues
from judged
