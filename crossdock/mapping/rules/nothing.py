"""`nullif(x, '')`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, shown, text_of


def nothing(node: exp.Expr) -> Reading | None:
    """One value stands for nothing."""
    if not isinstance(node, exp.Nullif):
        return None
    what = "empty" if text_of(node.expression) == "" else shown(node.expression)
    return Reading((node.this,), f"{what} is nothing", type=SAME)
