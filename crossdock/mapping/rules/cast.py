"""`cast(x as type)`."""

from sqlglot import exp

from crossdock.mapping.reading import SAME, Reading

_WORDS = {
    "text": "text", "varchar": "text", "bigint": "whole number", "int": "whole number",
    "integer": "whole number", "boolean": "yes or no", "timestamptz": "time", "timestamp": "time",
    "date": "date", "uuid": "UUID", "json": "JSON", "double": "number",
}  # fmt: skip


def cast(node: exp.Expr) -> Reading | None:
    """A value as another type; what is that type already is left as it is."""
    if not isinstance(node, exp.Cast):
        return None
    name = node.to.sql(dialect="duckdb").lower()
    type_ = "varchar" if name == "text" else name
    if type_ == "json":
        return Reading((node.this,), type=SAME)
    known = _WORDS.get(name, name.replace("decimal", "decimal number "))
    lossy = ", nothing if it is none" if isinstance(node, exp.TryCast) else ""
    return Reading((node.this,), f"as {known}{lossy}", type=type_)
