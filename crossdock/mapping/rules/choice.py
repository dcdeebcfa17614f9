"""`case` and `if`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, is_constant, names_of


def choice(node: exp.Expr) -> Reading | None:
    """One of several values, by conditions; of literals alone the conditions are the source."""
    if not isinstance(node, exp.Case | exp.If):
        return None
    if isinstance(node, exp.If):
        values, tests = [node.args.get("true"), node.args.get("false")], [node.this]
    else:
        ifs = node.args.get("ifs") or []
        values = [*(branch.args.get("true") for branch in ifs), node.args.get("default")]
        tests = [node.this] if node.this else [branch.this for branch in ifs]
    told = tuple(v for v in values if v is not None and not is_constant(v))
    conditions = tuple(test for test in tests if test is not None)
    by = names_of(conditions)
    if not told:
        return Reading((), f"derived: by {by}", conditions)
    return Reading(told, f"chosen by {by}" if by else "", conditions, type=SAME)
