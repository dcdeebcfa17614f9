"""`'shop_' || x`."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, is_constant, text_of


def prefix(node: exp.Expr) -> Reading | None:
    """A text with a literal before or after it."""
    items = _items(node)
    told = [item for item in items if not is_constant(item)]
    if len(told) != 1 or len(items) < 2:
        return None
    place = items.index(told[0])
    before = "".join(text_of(item) or "" for item in items[:place])
    after = "".join(text_of(item) or "" for item in items[place + 1 :])
    words = [f"prefix `{before}`"] if before else []
    words += [f"suffix `{after}`"] if after else []
    return Reading((told[0],), " and ".join(words), type="varchar")


def _items(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.DPipe):
        return [*node.flatten()]
    return list(node.expressions) if isinstance(node, exp.Concat) else []
