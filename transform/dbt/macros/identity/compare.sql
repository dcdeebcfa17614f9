{#
  Whether two texts differ by no more than one slip of the pen: a letter too many, too few,
  another one, or two swapped. `long` texts may differ by two.
#}
{% macro near(left, right, long=none) -%}
  (
    {{ left }} = {{ right }}
    or (
      least(length({{ left }}), length({{ right }})) >= 4
      and abs(length({{ left }}) - length({{ right }})) <= {{ 2 if long else 1 }}
      and damerau_levenshtein({{ left }}, {{ right }}) <=
      {%- if long %}
        case when least(length({{ left }}), length({{ right }})) >= {{ long }} then 2 else 1 end
      {%- else %} 1
      {%- endif %}
    )
  )
{%- endmacro %}


{# Whether two values do not contradict each other: equal, or one of them is not known. #}
{% macro agree(column) -%}
  (a.{{ column }} = b.{{ column }} or a.{{ column }} is null or b.{{ column }} is null)
{%- endmacro %}


{#
  Whether the names of rows `a` and `b` are the same but for a slip or letters thrown away. Two
  usual given names that differ ("Anna", "Anne") are two people of one household and no slip,
  unless both work for the same company.
#}
{% macro near_names() -%}
  (
    (
      {{ near('a.name_plain', 'b.name_plain') }}
      or a.name_bare = b.name_bare
      or a.name_bare = b.name_plain
      or a.name_plain = b.name_bare
    )
    and (
      not (a.is_usual_name and b.is_usual_name)
      or a.given_name = b.given_name
      or a.company_key = b.company_key
    )
  )
{%- endmacro %}


{#
  Whether rows `a` and `b` can be one customer by their names. A shared phone is no proof: a
  household has one, and so has an office.
#}
{% macro compatible_names() -%}
  (
    a.name_key = b.name_key
    or {{ near_names() }}
    or (
      a.surname = b.surname
      and (
        a.given_name = b.given_name
        or (
          left(a.given_name, 1) = left(b.given_name, 1)
          and least(length(a.given_name), length(b.given_name)) = 1
        )
      )
    )
    or (not (a.is_person and b.is_person) and {{ near('a.company_key', 'b.company_key') }})
  )
{%- endmacro %}


{#
  Whether the names of rows `a` and `b` may be spellings of one name, for counting only: a part of
  the other, or no more than a quarter of the letters off.
#}
{% macro like_spellings() -%}
  (
    (
      contains(a.name_plain, b.name_plain)
      or contains(b.name_plain, a.name_plain)
      or damerau_levenshtein(a.name_plain, b.name_plain)
      <= greatest(length(a.name_plain), length(b.name_plain)) // 4
    )
    and (not (a.is_usual_name and b.is_usual_name) or a.given_name = b.given_name)
  )
{%- endmacro %}


{#
  The keys of a column that several profiles share, and how many names use each, near spellings
  counted as one: a name counts if no longer one is like it. Keys with very many names are counted
  plainly.
#}
{% macro names_of_keys(relation, column) -%}
  (
    with shared as (
      select {{ column }} as key_value
      from {{ relation }}
      where {{ column }} is not null
      group by {{ column }}
      having count(*) > 1
    ),

    used as (
      select
        shared.key_value,
        profiles.name_key,
        min(profiles.name_plain) as name_plain,
        min(profiles.given_name) as given_name,
        bool_and(profiles.is_usual_name) as is_usual_name
      from {{ relation }} as profiles
      inner join shared on profiles.{{ column }} = shared.key_value
      group by shared.key_value, profiles.name_key
    ),

    spelled as (
      select
        key_value,
        count(name_key) as spellings
      from used
      group by key_value
    ),

    -- Names that are another spelling of one that is longer.
    others as (
      select distinct
        a.key_value,
        a.name_key
      from used as a
      inner join spelled on a.key_value = spelled.key_value
      inner join used as b on a.key_value = b.key_value
      where
        spelled.spellings between 2 and {{ var('most_spellings_compared', 20) }}
        and row(length(b.name_plain), b.name_plain) > row(length(a.name_plain), a.name_plain)
        and {{ like_spellings() }}
    ),

    spare as (
      select
        key_value,
        count(*) as names
      from others
      group by key_value
    )

    select
      spelled.key_value,
      spelled.spellings - coalesce(spare.names, 0) as names
    from spelled
    left join spare on spelled.key_value = spare.key_value
  )
{%- endmacro %}


{#
  Pairs of profiles that share a value of `column` and can be one customer by their names. A key
  of more than three names proves nothing; a record without a name joins if the key has only one.
  Profiles of one name are tied to the first of them; only names are compared with each other.
#}
{% macro pairs_by_key_and_name(relation, column, rule) -%}
  {%- set names = [
    'name_key', 'name_plain', 'name_bare', 'given_name', 'is_usual_name', 'surname', 'company_key',
    'is_person', 'e164',
  ] -%}
  (
    with allowed as (
      select
        keys.key_value,
        keys.names
      from {{ names_of_keys(relation, column) }} as keys
      where keys.names <= {{ var('most_names_of_a_key', 3) }}
    ),

    written as (
      select
        allowed.key_value,
        allowed.names,
        profiles.profile,
        {{ names | join(', ') }},
        min(profiles.profile) over (
          partition by allowed.key_value, {{ names | join(', ') }}
        ) as first_profile
      from {{ relation }} as profiles
      inner join allowed on profiles.{{ column }} = allowed.key_value
    ),

    firsts as (
      select * from written
      where profile = first_profile
    )

    select
      first_profile as left_seq,
      profile as right_seq,
      {{ rule.replace('a.', '') }} as rule
    from written
    where profile <> first_profile and (name_key is not null or names <= 1)

    union all

    select
      least(a.profile, b.profile) as left_seq,
      greatest(a.profile, b.profile) as right_seq,
      {{ rule }} as rule
    from firsts as a
    inner join firsts as b on a.key_value = b.key_value and a.profile < b.profile
    where
      {{ compatible_names() }}
      or (a.names <= 1 and (a.name_key is null or b.name_key is null))
  )
{%- endmacro %}


{#
  Connected components of a graph: each node with the least node that it is linked to, directly
  or through others. Nothing but ids goes through the recursion.
#}
{% macro connected_components(nodes, node, links, left, right) -%}
  with recursive both_ways(node, neighbour) as (
    select {{ left }}, {{ right }} from {{ links }}
    union
    select {{ right }}, {{ left }} from {{ links }}
  ),

  reached(node, component) using key (node) as (
    select {{ node }}, {{ node }} from {{ nodes }}
    union
    select both_ways.neighbour, min(reached.component)
    from reached
    inner join both_ways on reached.node = both_ways.node
    inner join recurring.reached as known on both_ways.neighbour = known.node
    where reached.component < known.component
    group by both_ways.neighbour
  )

  select node, component from reached
{%- endmacro %}


{# Whether the addresses of `a` and `b` are in one place: nothing differs, and something agrees. #}
{% macro same_place() -%}
  (
    {{ agree('country_key') }}
    and {{ agree('city_key') }}
    and {{ agree('postal_code_key') }}
    and (a.city_key = b.city_key or a.postal_code_key = b.postal_code_key)
  )
{%- endmacro %}


{# Whether nothing speaks against it: known e-mail addresses and phones of `a` and `b` agree. #}
{% macro same_contact() -%}
  (
    (
      {{ agree('email_key') }}
      -- A relay hides the address: that it is another one says nothing.
      or coalesce(a.email_class, '') = 'relay'
      or coalesce(b.email_class, '') = 'relay'
    )
    and (
      {{ agree('phone_key') }}
      or a.phone_end = b.phone_end
    )
  )
{%- endmacro %}


{# Whether two streets are the same but for a typo, as written or with abbreviations spelled out. #}
{% macro near_streets() -%}
  (
    {{ near('a.street_key', 'b.street_key', long=12) }}
    or {{ near('a.street_plain', 'b.street_plain', long=12) }}
  )
{%- endmacro %}


{# Whether two streets are the same, also if only one of them says which unit. #}
{% macro same_street() -%}
  (
    a.street_key = b.street_key
    or a.street_key = b.line1_key
    or a.line1_key = b.street_key
  )
{%- endmacro %}
