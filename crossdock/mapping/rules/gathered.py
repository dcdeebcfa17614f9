"""`string_agg` and `array_to_string`."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, grouped_by, text_of
from crossdock.mapping.structure import bare


def gathered(node: exp.Expr) -> Reading | None:
    """The texts of several rows or of a list in one text."""
    if isinstance(node, exp.GroupConcat):
        between, inside, what = node.args.get("separator"), bare(node.this), grouped_by(node)
        all_ = "all different ones" if node.find(exp.Distinct) else "all"
    elif isinstance(node, exp.ArrayToString):
        between, inside, what, all_ = node.expression, node.this, "", "all"
    else:
        return None
    return Reading((inside,), f"{all_}{what}, {(text_of(between) or '')!r} between", type="varchar")
