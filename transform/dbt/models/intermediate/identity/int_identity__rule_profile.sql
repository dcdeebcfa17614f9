-- Records that say the same as an earlier one.

{{ config(materialized='ephemeral') }}

select
    profile as left_seq,
    seq as right_seq,
    'profile' as rule
from {{ ref('int_identity__keys') }}
where seq <> profile
