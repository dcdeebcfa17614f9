with

regions as (

    select * from {{ ref('regions') }}

),

-- "IL", "US-IL", "Illinois"
written as (

    select
        country_code,
        region_code,
        {{ fold('split_part(region_code, \'-\', 2)') }} as region_key,
        1 as place
    from regions

    union all

    select
        country_code,
        region_code,
        {{ fold('region_code') }} as region_key,
        2 as place
    from regions

    union all

    select
        country_code,
        region_code,
        {{ fold('region_name') }} as region_key,
        3 as place
    from regions

),

prefixes as (

    select region_code, postal_prefix
    from regions
    where is_preferred

)

-- A code goes before a name that is spelled like it.
select
    written.country_code,
    written.region_key,
    min_by(written.region_code, row(written.place, written.region_code)) as region_code,
    min_by(prefixes.postal_prefix, row(written.place, written.region_code)) as postal_prefix
from written
left join prefixes on written.region_code = prefixes.region_code
group by written.country_code, written.region_key
