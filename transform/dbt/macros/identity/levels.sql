{#
  How two values compare: same, near (a slip of the pen or two), unknown (one is missing) or
  differs. `short` texts may have one slip, `long` ones two.
#}
{% macro level(left, right, short=4, long=6) -%}
  case
    when {{ left }} is null or {{ right }} is null then 'unknown'
    when {{ left }} = {{ right }} then 'same'
    when {{ slips(left, right, short, long) }} then 'near'
    else 'differs'
  end
{%- endmacro %}


{# Whether two different texts are one or, if they are long, two slips apart. #}
{% macro slips(left, right, short=4, long=6) -%}
  (
    abs(length({{ left }}) - length({{ right }})) <= 2
    and least(length({{ left }}), length({{ right }})) >= {{ short }}
    and damerau_levenshtein({{ left }}, {{ right }})
    <= case when least(length({{ left }}), length({{ right }})) >= {{ long }} then 2 else 1 end
  )
{%- endmacro %}


{#
  How one part of two names compares. Two usual given names that differ ("Anna", "Anne") are two
  people and no slip, unless both work for the same company.
#}
{% macro name_part_level(left, right) -%}
  case
    when {{ left }} is null or {{ right }} is null then 'unknown'
    when {{ left }} = {{ right }} then 'same'
    when
      a.is_usual_name and b.is_usual_name and a.given_name <> b.given_name
      and coalesce(a.company_key <> b.company_key, true)
      then 'differs'
    when
      least(length({{ left }}), length({{ right }})) = 1
      and (starts_with({{ left }}, {{ right }}) or starts_with({{ right }}, {{ left }}))
      then 'unknown'
    when {{ slips(left, right, 3) }} then 'near'
    else 'differs'
  end
{%- endmacro %}


{#
  How the streets of `a` and `b` compare without their numbers: also `part`, where one of them says
  more (a building, a unit), and `like`, where a long word or most letters are the same.
#}
{% macro street_level() -%}
  {%- set shorter = 'least(length(a.street_name), length(b.street_name))' -%}
  case
    when a.street_key is null or b.street_key is null then 'unknown'
    when a.street_name = b.street_name or a.street_bag = b.street_bag or {{ same_street() }}
      then 'same'
    when {{ near('a.street_name', 'b.street_name', long=10) }} then 'near'
    when
      {{ shorter }} >= 5
      and (
        starts_with(a.street_name, b.street_name)
        or starts_with(b.street_name, a.street_name)
        or (
          {{ shorter }} >= 8
          and damerau_levenshtein(
            left(a.street_name, {{ shorter }}), left(b.street_name, {{ shorter }})
          ) <= 2
        )
      )
      then 'part'
    when
      jaro_winkler_similarity(a.street_bag, b.street_bag) >= 0.85
      or list_has_any(
        {{ long_words('a.street_bag') }}, {{ long_words('b.street_bag') }}
      )
      then 'like'
    else 'differs'
  end
{%- endmacro %}


{# The words of a text that say more than "north" or "road". #}
{% macro long_words(text) -%}
  list_filter(string_split({{ text }}, ' '), lambda word: length(word) >= 6)
{%- endmacro %}


{#
  Whether a closer look at `a` and `b` is worth it, for most neighbours are not: the names are
  roughly alike in both parts, or, behind one door, in one; or something else than the place says
  that they are one.
#}
{% macro may_be_one() -%}
  (
    a.name_key = b.name_key
    or a.phone_key = b.phone_key
    or split_part(a.email_written, '@', 1) = split_part(b.email_written, '@', 1)
    or a.given_plain is null
    or b.given_plain is null
    or a.surname is null
    or b.surname is null
    or (
      (a.house_number = b.house_number or a.street_bag = b.street_bag)
      and (
        a.given_plain[1] in (b.given_plain[1], b.surname[1])
        or a.surname[1] in (b.given_plain[1], b.surname[1])
      )
    )
    or ({{ roughly('a.given_plain', 'b.given_plain') }} and {{ roughly('a.surname', 'b.surname') }})
    or ({{ roughly('a.given_plain', 'b.surname') }} and {{ roughly('a.surname', 'b.given_plain') }})
  )
{%- endmacro %}


{# Whether two texts are roughly alike. #}
{% macro roughly(left, right) -%}
  jaro_winkler_similarity({{ left }}, {{ right }}) >= 0.7
{%- endmacro %}
