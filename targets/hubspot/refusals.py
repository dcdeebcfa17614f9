"""Why HubSpot refuses: its codes and property names, without the values that it quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.http.rules import without_values
from crossdock.operation import Refused

MISSING_PROPERTY = "PROPERTY_DOESNT_EXIST"
_LISTED = re.compile(r"Property values were not valid: (\[.*\])", re.DOTALL)


@dataclass(frozen=True)
class Wrong:
    """One value that HubSpot does not take.

    Attributes:
        code: HubSpot's code, such as `INVALID_EMAIL`.
        name: The property.
    """

    code: str
    name: str = ""


def wrongs(error: Mapping[str, Any]) -> list[Wrong]:
    """What an error body, or one entry of a partial answer, says of single properties."""
    found = []
    for detail in error.get("errors") or ():
        names = (detail.get("context") or {}).get("propertyName") or [""]
        found += [Wrong(str(detail.get("code") or ""), str(name)) for name in names]
    return [wrong for wrong in found if wrong.code] or list(_from_message(error))


def _from_message(error: Mapping[str, Any]) -> Iterable[Wrong]:
    """Older answers hold the details as JSON inside of the message."""
    listed = _LISTED.search(str(error.get("message") or ""))
    if listed is None:
        return
    try:
        details = json.loads(listed[1])
    except ValueError:
        return
    for detail in details:
        yield Wrong(str(detail.get("error") or ""), str(detail.get("name") or ""))


def missing_properties(error: Mapping[str, Any]) -> set[str]:
    """Properties that the account does not have."""
    return {wrong.name for wrong in wrongs(error) if wrong.code == MISSING_PROPERTY}


def refused(error: Mapping[str, Any], *, whole_batch: bool = False) -> Refused:
    """The outcome that an error means."""
    category = str(error.get("category") or "refused")
    if missing := missing_properties(error):
        return no_such_property(missing)
    if found := wrongs(error):
        named = ", ".join(f"{w.code} ({w.name})" if w.name else w.code for w in found)
        return Refused(f"{category}: {named}", category, whole_batch=whole_batch)
    # A message without details quotes values between quotation marks, if at all.
    words = without_values(str(error.get("message") or ""), limit=160)
    return Refused(f"{category}: {words}".rstrip(": "), category, whole_batch=whole_batch)


def no_such_property(names: set[str]) -> Refused:
    """The account lacks properties: no fault of the record, which goes when they are there."""
    named = ", ".join(sorted(names))
    return Refused(
        f"HubSpot has no property {named}: run `crossdock check --fix`",
        MISSING_PROPERTY,
        retry=True,
    )
