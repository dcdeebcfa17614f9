{#
  Groups of nodes that some pairs must not end in: ties are taken one after the other in the order of
  `place`, in every group at once, and one that would bring a kept pair together is left out. So of
  a path between two who are kept apart the weakest tie goes. `nodes`: (component, node); `ties`:
  (component, place, left_node, right_node) with places from 1 without gaps; `apart`: (left_node,
  right_node). Nodes are numbers above 0. Nothing but ids goes through the recursion; the row with
  the component's negative number counts the ties taken so far.
#}
{% macro components_kept_apart(nodes, ties, apart) -%}
  with recursive walked(node, component, side) using key (node) as (
    (
      select node, component, node from {{ nodes }}
      union all
      select distinct -component, component, 0 from {{ nodes }}
    )
    union
    select next.node, next.component, next.side
    from (
      select clock.node, clock.component, clock.side + 1 as side
      from walked as clock
      where
        clock.node < 0
        and exists (
          select 1 from {{ ties }} as ties
          where ties.component = clock.component and ties.place = clock.side + 1
        )

      union all

      select moved.node, moved.component, joined.kept_side
      from (
        select
          clock.component,
          least(lefts.side, rights.side) as kept_side,
          greatest(lefts.side, rights.side) as lost_side
        from walked as clock
        inner join {{ ties }} as ties
          on clock.component = ties.component and clock.side + 1 = ties.place
        inner join recurring.walked as lefts on ties.left_node = lefts.node
        inner join recurring.walked as rights on ties.right_node = rights.node
        where clock.node < 0 and lefts.side <> rights.side
      ) as joined
      inner join recurring.walked as moved
        on joined.component = moved.component and joined.lost_side = moved.side and moved.node > 0
      left join (
        select
          least(lefts.side, rights.side) as kept_side,
          greatest(lefts.side, rights.side) as lost_side
        from {{ apart }} as apart
        inner join recurring.walked as lefts on apart.left_node = lefts.node
        inner join recurring.walked as rights on apart.right_node = rights.node
      ) as kept_apart
        on joined.kept_side = kept_apart.kept_side and joined.lost_side = kept_apart.lost_side
      where kept_apart.kept_side is null
    ) as next
  )

  select node, side as component from walked where node > 0
{%- endmacro %}


{# One row for each of the texts that a separator joins: to be used in a select list, as a column. #}
{% macro unnest_text(column, separator=';') -%}
  unnest(string_split({{ column }}, '{{ separator }}'))
{%- endmacro %}


{# Where people, or else the API, find a contact of the CRM. #}
{% macro crm_contact_link(url, id) -%}
  coalesce({{ url }}, 'https://api.hubapi.com/crm/v3/objects/contacts/' || {{ id }})
{%- endmacro %}


{# A JSON object of a group's keys and values, in the order of the keys. #}
{% macro json_map_of(key, value) -%}
  cast(
    '{' || string_agg(to_json({{ key }}) || ':' || to_json({{ value }}), ',' order by {{ key }}) || '}'
    as json
  )
{%- endmacro %}
