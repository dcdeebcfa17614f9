"""`min_by(x, y)`, `arg_max(x, y)`, `any_value(x)` and the like."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, columns_of, names_of
from crossdock.mapping.structure import bare


def chosen_row(node: exp.Expr) -> Reading | None:
    """The value that one row of several has."""
    if isinstance(node, exp.ArgMin | exp.ArgMax):
        end = "lowest" if isinstance(node, exp.ArgMin) else "highest"
        by = columns_of(node.expression)[:1]  # the others only settle ties
        names = names_of(by)
        return Reading((node.this,), f"of the row with the {end} {names}", type=SAME)
    if isinstance(node, exp.AnyValue | exp.First | exp.Last):
        return Reading((bare(node.this),), type=SAME)
    if isinstance(node, exp.Window) and isinstance(node.this, exp.FirstValue | exp.LastValue):
        return Reading((node.this.this,), "of one row, by its order", type=SAME)
    return None
