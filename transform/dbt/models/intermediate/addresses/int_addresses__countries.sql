select
    {{ fold('country_name') }} as country_key,
    any_value(country_code) as country_code
from {{ ref('country_names') }}
group by country_key
