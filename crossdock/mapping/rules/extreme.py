"""`min(x)`, `max(x)`, `greatest(a, b)`, `least(a, b)`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, grouped_by, is_constant, labels_of
from crossdock.mapping.structure import bare


def extreme(node: exp.Expr) -> Reading | None:
    """The lowest or highest of several."""
    if isinstance(node, exp.Min | exp.Max):
        word = "lowest" if isinstance(node, exp.Min) else "highest"
        return Reading((bare(node.this),), f"{word}{grouped_by(node)}", type=SAME)
    if isinstance(node, exp.Greatest | exp.Least):
        items = [node.this, *node.expressions]
        word = "lowest" if isinstance(node, exp.Least) else "highest"
        words = f"{word} of {', '.join(labels_of(items))}"
        return Reading(tuple(i for i in items if not is_constant(i)), words, type=SAME)
    return None
