"""`trim(x)` and its one-sided forms."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, text_of


def trimmed(node: exp.Expr) -> Reading | None:
    """A text without what stands around it."""
    if not isinstance(node, exp.Trim):
        return None
    what = text_of(node.expression)
    words = "trimmed" if what is None else f"without {what!r} around it"
    position = str(node.args.get("position") or "").lower()
    if what is not None and position in {"leading", "trailing"}:
        words = f"without {what!r} {'before' if position == 'leading' else 'after'} it"
    return Reading((node.this,), words, type=SAME)
