"""A UUID computed from the source's key, as the models give every record one."""

from sqlglot import exp

from crossdock.mapping.reading import Reading, columns_of, names_of


def identifier(node: exp.Expr) -> Reading | None:
    """Our id, computed from the id that the source gives."""
    made = isinstance(node, exp.Cast) and node.to.is_type("uuid") and isinstance(node.this, exp.MD5)
    if not made:
        return None
    inputs = columns_of(node)
    return Reading(inputs, f"our id, computed from {names_of([node])}", type="uuid")
