"""The outcome as a page: connector by check."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conformance.bench import EXCLUDED, TAPS, TARGETS

KEY = pytest.StashKey[dict[str, str]]()
_seen: dict[tuple[str, str], Counter[str]] = {}

_INTRODUCTION = """\
# Conformance

One suite for every connector that `meltano.yml` names: `make conformance` runs all of it and
writes this page; `make test` runs every check, with a sample of the fault scripts by seed. A
figure is how many cases of the check passed. What does not apply says why below.
"""

MEANING = {
    "sdk_suite": "the SDK's own suite of tests",
    "two_full_reads_are_equal": "two full readings bring the same records",
    "page_size_makes_no_difference": "small pages and large ones bring the same records",
    "nothing_new_is_nothing_read": "what did not change is not read again",
    "future_state_reads_nothing": "a bookmark in the future brings nothing and stays",
    "only_what_changed_is_read": "one change, one record",
    "reading_on_from_any_state_loses_nothing": "records change while they are read; reading on"
    " from each state that was written finds all of it",
    "churn": "records change, come and go at random while they are read; an incremental reading"
    " and a sweep later the warehouse equals the source",
    "sweep_finds_what_was_deleted": "a sweep finds what was deleted",
    "fault_scripts": "the records under each fault script are those without",
    "unknown_fields": "a field that nobody knows yet survives",
    "down_is_one_clear_line": "a vendor that is down is one clear line",
    "unreachable_is_one_clear_line": "an address where nobody answers is one clear line",
    "wrong_key_is_one_clear_line": "a wrong key is one clear line that says where to put it",
    "secrets_are_marked_and_never_printed": "secrets are marked, and in no message and no log",
    "limits_are_kept": "no answer refuses for a limit",
    "records_fit_their_schema": "every record fits the schema that was announced",
    "schema_snapshot": "the catalog is the one that was reviewed",
    "requests_are_valid": "every request is valid in the vendor's own schema",
    "deselected_fields_are_not_asked_for": "the catalog decides what is asked for",
    "terminated_ends_tidily": "SIGTERM ends it, with a state that covers what was written",
    "control_totals_agree": "the source's own figures are those of the records",
    "capabilities_are_declared": "it declares what it can do and needs",
    "effects_happen_once": "under each fault script every effect happens once",
    "vendor_that_is_down_is_caught_up_with": "a vendor that goes down is caught up with later",
    "audit_sends_nothing": "without a rollout nothing is sent",
    "target_with_wrong_key": "a wrong key stops it with one clear line, and nothing is sent",
    "target_secrets": "secrets are marked and never printed; what nobody planned is refused",
    "target_capabilities": "the target declares what it can do and needs",
}


def note(report: pytest.TestReport) -> None:
    """Take in a report, of a worker too."""
    for name, value in report.user_properties:
        if name == "conformance" and isinstance(value, list | tuple):
            key = (str(value[0]), str(value[1]))
            _seen.setdefault(key, Counter())[report.outcome] += 1


def page() -> str:
    """The page of what was seen."""
    connectors = [str(bench) for bench in (*TAPS, *TARGETS)]
    checks = [name for name in MEANING if any(check == name for _, check in _seen)]
    lines = [_INTRODUCTION, "| check | " + " | ".join(connectors) + " |"]
    lines.append("|---" * (len(connectors) + 1) + "|")
    for check in checks:
        cells = [_cell(connector, check) for connector in connectors]
        lines.append(f"| {MEANING[check]} | " + " | ".join(cells) + " |")
    lines += ["", "## What does not apply", ""]
    lines += [f"- `{item.name}`, all of it: {item.reason}." for item in EXCLUDED]
    for bench in (*TAPS, *TARGETS):
        for check, reason in bench.without.items():
            lines.append(f"- `{bench}`, {MEANING.get(check, check)}: {reason}.")
    return "\n".join(lines) + "\n"


def _cell(connector: str, check: str) -> str:
    counts = _seen.get((connector, check))
    if counts is None:
        return "-"
    failed = sum(counts.values()) - counts["passed"]
    return f"**{failed} failed**" if failed else f"✓ {counts['passed']}"
