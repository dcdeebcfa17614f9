"""Sums, differences, products, shares, rounding."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading, columns_of, shown, text_of

_OPERATIONS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)


def arithmetic(node: exp.Expr) -> Reading | None:
    """Computed from several values; the formula is the rule."""
    if isinstance(node, exp.Round):
        digits = text_of(node.args.get("decimals")) or "0"
        return Reading((node.this,), f"rounded to {digits} digits", type=SAME)
    if isinstance(node, exp.Floor | exp.Ceil):
        return Reading((node.this,), "rounded to a whole number", type=SAME)
    if isinstance(node, exp.Neg):
        return Reading((node.this,), "with the other sign", type=SAME)
    if not isinstance(node, _OPERATIONS):
        return None
    return Reading(columns_of(node), f"computed: {shown(node)}", type=SAME)
