-- How likely two profiles are one customer, as the sum of what each field says, and the reasons.
-- A name says the less the more people bear it.

{% set fields = {
    'name': 'name', 'email': 'e-mail address', 'phone': 'phone', 'company': 'company',
    'street': 'street', 'house_number': 'house number', 'city': 'city',
    'postal_code': 'postal code', 'country': 'country',
} %}

with

comparisons as (

    select * from {{ ref('int_identity__comparisons') }}

),

profiles as (

    select * from {{ ref('int_identity__profiles') }}

),

weights as (

    select * from {{ ref('identity_weights') }}

),

-- Without a name that may be the same, an address or phone only says that two know each other;
-- two of one household who give their own address or phone are two.
worth_scoring as (

    select * from comparisons
    where
        name in ('same', 'near', 'part')
        or email in ('same', 'near')
        or phone = 'same'
        or (name = 'other surname' and street in ('same', 'near', 'part'))
        or (
            name = 'other given name'
            and street in ('same', 'near', 'part')
            and email <> 'differs'
            and phone <> 'differs'
        )

),

bearers as (

    select
        name_key,
        count(*) as profiles,
        sum(count(*)) over () as all_profiles
    from profiles
    where name_key is not null
    group by name_key

),

rarity as (

    select
        profiles.profile_id,
        log2(bearers.all_profiles / bearers.profiles) as name_bits
    from profiles
    inner join bearers on profiles.name_key = bearers.name_key

),

weighed as (

    select
        found.*,
        least(name_weights.weight, coalesce(rarity.name_bits, name_weights.weight)) as name_weight,
        {%- for field in fields if field != 'name' %}
        coalesce({{ field }}_weights.weight, 0) as {{ field }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from worth_scoring as found
    left join rarity on found.left_profile_id = rarity.profile_id
    {%- for field in fields %}
    left join weights as {{ field }}_weights
        on
            {{ field }}_weights.field = '{{ field }}'
            and found.{{ field }} = {{ field }}_weights.level
    {%- endfor %}

)

select
    left_profile_id,
    right_profile_id,
    'weights' as scorer,
    round(
        {%- for field in fields %}
        {{ '+ ' if not loop.first }}coalesce({{ field }}_weight, 0)
        {%- endfor %}, 1
    ) as score,
    {{ level_words(fields, ['same', 'part', 'like']) }} as agree,
    {{ level_words(fields, ['near']) }} as nearly,
    {{ level_words(fields, ['differs', 'other given name', 'other surname']) }} as differ
from weighed
