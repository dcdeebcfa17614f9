"""`split_part`, `regexp_extract`, `left`, `right`, `substring`."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, shown, text_of


def part_of_text(node: exp.Expr) -> Reading | None:
    """A piece of a text."""
    if isinstance(node, exp.SplitPart):
        number, by = text_of(node.args.get("part_index")), text_of(node.args.get("delimiter"))
        return Reading((node.this,), f"part {number} between {by!r}", type="varchar")
    if isinstance(node, exp.RegexpExtract):
        pattern = shown(node.expression)
        return Reading((node.this,), f"the part that matches {pattern}", type="varchar")
    if isinstance(node, exp.Left | exp.Right):
        end = "first" if isinstance(node, exp.Left) else "last"
        return Reading((node.this,), f"{end} {shown(node.expression)} characters", type="varchar")
    if isinstance(node, exp.Substring):
        return Reading((node.this,), f"a part of it: {shown(node)}", type="varchar")
    return None
