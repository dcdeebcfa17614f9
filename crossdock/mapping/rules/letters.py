"""`lower(x)` and `upper(x)`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading


def letters(node: exp.Expr) -> Reading | None:
    """Small or capital letters."""
    if isinstance(node, exp.Lower):
        return Reading((node.this,), "lower case", type=SAME)
    if isinstance(node, exp.Upper):
        return Reading((node.this,), "upper case", type=SAME)
    return None
