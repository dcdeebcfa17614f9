"""`string_agg` and `array_to_string`."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, grouped_by, text_of
from crossdock.mapping.structure import bare


def gathered(node: exp.Expr) -> Reading | None:
    """The texts of several rows or of a list in one text."""
    if isinstance(node, exp.GroupConcat):
        between, inside = node.args.get("separator"), bare(node.this)
        rule = _all(node, exp.Distinct)
    elif isinstance(node, exp.ArrayToString):
        between, listed = node.expression, node.this
        while isinstance(listed, exp.ArraySort | exp.ArrayDistinct):
            listed = listed.this
        of_rows = isinstance(listed, exp.ArrayAgg)
        inside = bare(listed.this) if of_rows else node.this
        rule = _all(node, exp.ArrayDistinct) if of_rows else "all"
    else:
        return None
    return Reading((inside,), f"{rule}, {(text_of(between) or '')!r} between", type="varchar")


def _all(node: exp.Expr, distinct: type[exp.Expr]) -> str:
    return f"all{' different ones' if node.find(distinct) else ''}{grouped_by(node)}"
