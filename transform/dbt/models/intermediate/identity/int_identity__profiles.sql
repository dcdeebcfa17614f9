-- One row for each thing that is said about somebody: what the rules compare.

{{ config(materialized='ephemeral') }}

select * from {{ ref('int_identity__keys') }}
where seq = profile
