{#
  Pairs of profiles that share a block of no more than `most_profiles_of_a_block` (40) profiles, so
  that the number of pairs grows with the profiles and not with their square. With `touched`, only
  pairs of these profiles. Profiles go by their numbers, which are half as long as their ids.
#}
{% macro pairs_of_blocks(blocks, touched=none) -%}
  (
    with living as (
      select
        block,
        profile_number
      from {{ blocks }}
      where
        not is_gone
        {%- if touched %}
        and block in (
          select near.block from {{ blocks }} as near
          where near.profile_number in {{ touched }}
        )
        {%- endif %}
    ),

    sizes as (
      select block
      from living
      group by block
      having count(*) between 2 and {{ var('most_profiles_of_a_block', 40) }}
    ),

    bounded as (
      select living.*
      from living
      inner join sizes on living.block = sizes.block
      {%- if touched %}
      where living.profile_number in {{ touched }}
      {%- endif %}
    )

    select distinct
      a.profile_number as left_number,
      b.profile_number as right_number
    from bounded as a
    inner join bounded as b on a.block = b.block and a.profile_number < b.profile_number
  )
{%- endmacro %}
