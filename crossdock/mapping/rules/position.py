"""`row_number() over (...)` and other window functions."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, columns_of, names_of

_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank)


def position(node: exp.Expr) -> Reading | None:
    """The place of a row in an order; of other window functions what they are of."""
    if not isinstance(node, exp.Window):
        return None
    if not isinstance(node.this, _RANKS):
        return Reading((node.this,), type=SAME)
    order = node.args.get("order")
    keys = columns_of(order) if order is not None else ()
    parts = columns_of(*(node.args.get("partition_by") or []))
    words = f"position by {names_of(keys)}" if keys else "position"
    words += f" for each {names_of(parts)}" if parts else ""
    return Reading(keys or parts, words, type="bigint")
