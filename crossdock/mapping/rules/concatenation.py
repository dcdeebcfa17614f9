"""`concat`, `concat_ws` and `||` of several values."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, is_constant, labels_of, text_of


def concatenation(node: exp.Expr) -> Reading | None:
    """Several texts one after the other."""
    between = ""
    if isinstance(node, exp.DPipe):
        items = [*node.flatten()]
    elif isinstance(node, exp.ConcatWs):
        separator, *items = node.expressions
        between = f" with {(text_of(separator) or '')!r} between"
    elif isinstance(node, exp.Concat):
        items = list(node.expressions)
    else:
        return None
    told = tuple(item for item in items if not is_constant(item))
    return Reading(told, f"joined: {' + '.join(labels_of(items))}{between}", type="varchar")
