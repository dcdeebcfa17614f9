-- Every pair of records that a rule holds for one customer, the most trusted rule of each.

{% set rules = [
    'person', 'vendor_merge', 'crm_id', 'profile', 'email', 'role_email', 'phone', 'name_address',
    'near', 'part_name', 'new_surname',
] %}

with

rules as (

    select * from {{ ref('identity_rules') }}

),

pairs as (
    {% for rule in rules %}
    select left_seq, right_seq, rule from {{ ref('int_identity__rule_' ~ rule) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    pairs.left_seq,
    pairs.right_seq,
    min_by(rules.rule, rules.trust) as rule,
    min(rules.trust) as trust
from pairs
inner join rules on pairs.rule = rules.rule
group by pairs.left_seq, pairs.right_seq
