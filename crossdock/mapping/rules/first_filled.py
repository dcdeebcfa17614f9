"""`coalesce(a, b)`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, is_constant, is_null, labels_of, shown, text_of


def first_filled(node: exp.Expr) -> Reading | None:
    """The first of several that is there, or a literal instead of nothing."""
    if not isinstance(node, exp.Coalesce):
        return None
    items = [node.this, *node.expressions]
    inputs = [item for item in items if not is_constant(item)]
    constants = [item for item in items if is_constant(item) and not is_null(item)]
    phrases = []
    if len(inputs) > 1:
        phrases.append("first filled of " + ", ".join(labels_of(inputs)))
    if constants:
        empty = text_of(constants[-1]) == ""
        phrases.append(f"else {'empty' if empty else shown(constants[-1])}")
    return Reading(tuple(inputs or items), ", ".join(phrases), type=SAME)
