"""`strftime(x, format)` and its kin."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, text_of


def time_text(node: exp.Expr) -> Reading | None:
    """A time written in a given way."""
    if not isinstance(node, exp.TimeToStr):
        return None
    return Reading((node.this,), f"written as {text_of(node.args.get('format'))}", type="varchar")
