-- Every source record that stands for a person or company, in one shape.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='record_id',
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_records() }}',
    post_hook='{{ remember_records() }}',
) }}

with

shop_customers as (

    select * from {{ people_since(ref('int_channels__customers')) }}

),

known_customers as (

    select
        source_instance,
        source_id
    from {{ ref('int_channels__customers') }}

),

shop_orders as (

    select * from {{ ref('int_channels__orders') }}

),

new_orders as (

    select
        source_instance,
        source_id
    from {{ people_since(ref('int_channels__orders')) }}

),

contacts as (

    select * from {{ people_since(ref('stg_hubspot__contacts')) }}

),

countries as (

    select
        {{ fold('country_name') }} as country_key,
        any_value(country_code) as country_code
    from {{ ref('country_names') }}
    group by country_key

),

buyers as (

    select
        source_instance,
        'customer' as source_object,
        source_id,
        created_at,
        updated_at,
        is_gone,
        false as is_provisional,
        null as stated_customer_id,
        email,
        coalesce(phone, address_phone) as phone,
        coalesce(first_name, address_first_name) as first_name,
        coalesce(last_name, address_last_name) as last_name,
        address_company as company,
        address_line1 as line1,
        address_line2 as line2,
        address_city as city,
        coalesce(address_region_code, address_region) as region,
        address_postal_code as postal_code,
        coalesce(address_country_code, address_country) as country
    from shop_customers

),

-- A guest's order stands for whom it bills, and ships to if it bills nobody.
guest_orders as (

    select
        shop_orders.*,
        'order' as object,
        shop_orders.source_id as buyer_id
    from shop_orders
    inner join new_orders
        on
            shop_orders.source_instance = new_orders.source_instance
            and shop_orders.source_id = new_orders.source_id
    where shop_orders.customer_source_id is null

),

-- So does the first order of a customer that the shop names and that was not read yet, under the
-- customer's own id.
orders_of_unknown as (

    select
        shop_orders.*,
        'customer' as object,
        shop_orders.customer_source_id as buyer_id
    from shop_orders
    left join known_customers
        on
            shop_orders.source_instance = known_customers.source_instance
            and shop_orders.customer_source_id = known_customers.source_id
    where shop_orders.customer_source_id is not null and known_customers.source_id is null
    qualify row_number() over (
        partition by shop_orders.source_instance, shop_orders.customer_source_id
        order by shop_orders.created_at, shop_orders.source_id
    ) = 1

),

order_buyers as (

    select
        *,
        coalesce(bill_line1, bill_city, bill_company, bill_name) is null as ships_only
    from guest_orders
    union all
    select
        *,
        coalesce(bill_line1, bill_city, bill_company, bill_name) is null as ships_only
    from orders_of_unknown

),

guests as (

    select
        source_instance,
        object as source_object,
        buyer_id as source_id,
        created_at,
        updated_at,
        false as is_gone,
        object = 'customer' as is_provisional,
        null as stated_customer_id,
        email,
        {%- for part in ['phone', 'first_name', 'last_name', 'company', 'line1', 'line2', 'city',
            'region', 'postal_code', 'country'] %}
        {%- set of = 'coalesce({0}_region_code, {0}_region)' if part == 'region'
            else 'coalesce({0}_country_code, {0}_country)' if part == 'country' else '{0}_' ~ part %}
        {%- set value %}if(ships_only, {{ of.format('ship') }}, {{ of.format('bill') }}){% endset %}
        {{ 'coalesce(phone, ' ~ value ~ ')' if part == 'phone' else value }} as {{ part }},
        {%- endfor %}
        if(ships_only, ship_name, bill_name) as full_name
    from order_buyers

),

named_guests as (

    select
        * exclude (full_name) replace (
            case
                when first_name is null and last_name is null
                    then nullif(regexp_replace(trim(full_name), '\s*\S+$', ''), '')
                else first_name
            end as first_name,
            case
                when first_name is null and last_name is null
                    then regexp_extract(trim(full_name), '\S+$')
                else last_name
            end as last_name
        )
    from guests

),

crm_contacts as (

    select
        destination_instance as source_instance,
        'contact' as source_object,
        destination_id as source_id,
        created_at,
        updated_at,
        is_gone,
        false as is_provisional,
        try_cast(crossdock_customer_id as uuid) as stated_customer_id,
        email,
        phone,
        firstname as first_name,
        lastname as last_name,
        company,
        "address" as line1,
        null as line2,
        city,
        "state" as region,
        zip as postal_code,
        country
    from contacts

),

together as (

    select * from buyers
    union all
    select * from named_guests
    union all
    select * from crm_contacts

),

written_countries as (

    select
        written.country,
        countries.country_code
    from (select distinct country from together) as written
    inner join countries on {{ fold('written.country') }} = countries.country_key

),

records as (

    select
        {{ canonical_id(
            'customer', 'together.source_instance', 'together.source_object', 'together.source_id'
        ) }} as record_id,
        together.* replace (
            {%- for part in ['email', 'phone', 'first_name', 'last_name', 'company', 'line1',
                'line2', 'city', 'region', 'postal_code', 'country'] %}
            nullif(trim(together.{{ part }}), '') as {{ part }},
            {%- endfor %}
            cast(together.stated_customer_id as uuid) as stated_customer_id
        ),
        written_countries.country_code,
        split_part(together.source_instance, ':', 1)
        in (
            '{{ channels() | join("', '") }}'
        ) as is_of_channel
    from together
    left join written_countries on together.country = written_countries.country

),

hashed as (

    select
        *,
        {{ short_hash('records') }} as row_hash
    from records

)

select
    hashed.*,
    {{ first_build() if people_mark(reads_phones=false) is none else this_build() }} as build
from hashed
{% if people_mark(reads_phones=false) is not none -%}
-- What was read again and is the same is no news.
left join {{ this }} as known
    on hashed.record_id = known.record_id and hashed.row_hash = known.row_hash
where known.record_id is null
{%- endif %}
