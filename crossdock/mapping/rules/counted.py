"""`count(...)`."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, columns_of, grouped_by, names_of
from crossdock.mapping.structure import bare


def counted(node: exp.Expr) -> Reading | None:
    """How many rows there are; what is counted, or what it is counted by, is the source."""
    where, count = None, node
    if isinstance(node, exp.Filter):
        where, count = node.expression, node.this
    elif isinstance(node, exp.Window):
        count = node.this
    if not isinstance(count, exp.Count | exp.CountIf):
        return None
    by = grouped_by(count)
    if where is not None:
        return Reading(columns_of(where), f"count{by}, by {names_of([where])}", type="bigint")
    inside = bare(count.this) if count.this is not None else count
    inputs = columns_of(inside) or _keys(count)
    return Reading(inputs, f"count{by}", type="bigint")


def _keys(count: exp.Expr) -> tuple[exp.Expr, ...]:
    window = count.parent
    if isinstance(window, exp.Window):
        return columns_of(*(window.args.get("partition_by") or []))
    select = count.find_ancestor(exp.Select)
    group = select.args.get("group") if select is not None else None
    return columns_of(*group.expressions) if group is not None else ()
