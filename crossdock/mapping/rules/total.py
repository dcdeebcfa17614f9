"""`sum(x)`, `avg(x)`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, grouped_by
from crossdock.mapping.structure import bare


def total(node: exp.Expr) -> Reading | None:
    """The sum of several rows."""
    if isinstance(node, exp.Sum):
        return Reading((bare(node.this),), f"sum{grouped_by(node)}", type=SAME)
    if isinstance(node, exp.Avg):
        return Reading((bare(node.this),), f"average{grouped_by(node)}")
    return None
