{{ config(severity='warn') }}

-- A decision that names nobody, or that another one contradicts, changes nothing until it is
-- mended.
select * from {{ ref('int_identity__decisions_judged') }}
where problem is not null
