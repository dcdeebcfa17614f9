-- Records that say the same as an earlier one, by the most trusted thing that they say. Their names
-- are the same too, so that no guard on shared keys is needed.

{{ config(materialized='ephemeral') }}

select
    profile as left_seq,
    seq as right_seq,
    case
        when email_key is not null then if(email_class = 'role', 'role_email', 'email')
        when phone_key is not null then if(e164 is null, 'phone_digits', 'phone')
        else 'name_address'
    end as rule
from {{ ref('int_identity__keys') }}
where seq <> profile
