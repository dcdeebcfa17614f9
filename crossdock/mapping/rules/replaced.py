"""`replace(x, a, b)` and `regexp_replace(x, a, b)`."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, is_constant, shown, text_of


def replaced(node: exp.Expr) -> Reading | None:
    """A text with something in it replaced."""
    if not isinstance(node, exp.Replace | exp.RegexpReplace):
        return None
    old, new = node.expression, node.args.get("replacement")
    inputs = tuple(part for part in (node.this, new) if part is not None and not is_constant(part))
    what = shown(old)
    by = "" if text_of(new) == "" or new is None else shown(new)
    return Reading(inputs, f"{what} replaced by {by}" if by else f"without {what}", type="varchar")
