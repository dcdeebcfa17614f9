"""Every case of `cases/*.yml`: what is desired, observed and acknowledged, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock.journal import Journal
from crossdock.warehouse import Warehouse
from tests.plan.support import acknowledge, fill, load_one, planned

_KEYS = {"name", "sync", "desired", "observed", "acknowledged", "operations", "blocked"}
_KEYS |= {"unchanged", "why"}


def cases() -> Iterator[Any]:
    for path in sorted(Path(__file__).with_name("cases").glob("*.yml")):
        for case in yaml.safe_load(path.read_text()):
            assert case.keys() <= _KEYS, f"{path.name}: {case['name']}"
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", cases())
def test_what_follows(
    case: dict[str, Any], tmp_path: Path, warehouse: Warehouse, journal: Journal
) -> None:
    sync = load_one(tmp_path, **case.get("sync", {}))
    desired, observed = case.get("desired", []), case.get("observed", [])
    fill(warehouse, sync, desired, observed)
    acknowledge(journal, case.get("acknowledged", {}))
    found = planned(sync, warehouse, journal)

    expected = case.get("operations", [])
    assert [seen(item, want) for item, want in zip(found.planned, expected, strict=False)] == [
        {"set": {}, "before": {}, "refs": {}, "id": None, **want} for want in expected
    ]
    assert len(found.planned) == len(expected)
    assert found.blocked == case.get("blocked", {})
    rows = len(expected) + sum(found.blocked.values()) + found.unchanged
    assert rows == found.rows == len(desired), "the books must close"
    assert found.unchanged == case.get("unchanged", found.unchanged)


def seen(item: Any, want: dict[str, Any]) -> dict[str, Any]:
    """What a plan holds of the things that a case may speak of."""
    operation = item.operation
    result = {
        "key": operation.key,
        "action": operation.action,
        "id": operation.destination_id,
        "set": dict(operation.set),
        "before": dict(operation.before),
        "refs": {name: list(parent) for name, parent in operation.refs.items()},
    }
    optional = {
        "owned": dict(item.owned),
        "match": dict(operation.match),
        "reason": operation.reason,
    }
    return result | {name: value for name, value in optional.items() if name in want}
