"""How values are made comparable: one SQL expression for each `normalise` of a field."""

from __future__ import annotations

from collections.abc import Callable

from crossdock.plan.definition import Normalise


def _text(value: str) -> str:
    return f"nullif(trim(nfc_normalize({value})), '')"


def _decimal(value: str) -> str:
    number = f"try_cast({_text(value)} as decimal(38, 6))"
    return f"coalesce(cast({number} as varchar), {_text(value)})"


def _datetime(value: str) -> str:
    milliseconds = f"case when regexp_full_match({value}, '[0-9]{{11,14}}') then {value} end"
    written = f"epoch_ms(try_cast({_text(value)} as timestamptz))"
    return f"coalesce({milliseconds}, cast({written} as varchar), {_text(value)})"


def _phone(value: str) -> str:
    return f"nullif(regexp_replace({value}, '[^0-9+]', '', 'g'), '')"


def _enum(value: str) -> str:
    return f"lower({_text(value)})"


def _json(value: str) -> str:
    return f"cast(json({_text(value)}) as varchar)"


_EXPRESSIONS: dict[Normalise, Callable[[str], str]] = {
    "text": _text,
    "decimal": _decimal,
    "datetime": _datetime,
    "phone": _phone,
    "enum": _enum,
    "json": _json,
}


def comparable(value: str, kind: Normalise) -> str:
    """A SQL expression that is equal for values which mean the same.

    Args:
        value: SQL expression of type VARCHAR.
        kind: The field's `normalise`.
    """
    return _EXPRESSIONS[kind](value)
