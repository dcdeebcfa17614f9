"""Conditions as values: yes or no."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, columns_of, names_of, shown

_LONGEST = 70


def comparison(node: exp.Expr) -> Reading | None:
    """Whether something holds; what is compared is the source."""
    tests = exp.Predicate | exp.Connector | exp.Not | exp.LogicalOr | exp.LogicalAnd
    if not isinstance(node, tests) or isinstance(node, exp.SubqueryPredicate):
        return None
    inputs = columns_of(node)
    text = shown(node.this) if isinstance(node, exp.LogicalOr | exp.LogicalAnd) else shown(node)
    if isinstance(node, exp.LogicalOr | exp.LogicalAnd):
        text = f"{'any' if isinstance(node, exp.LogicalOr) else 'every'} {text}"
    words = f"whether {text}" if len(text) <= _LONGEST else f"whether, by {names_of(inputs)}"
    return Reading(inputs, words, type="boolean")
