"""Connectors that read or write our own files."""

from __future__ import annotations

from tests.conformance.bench import Excluded, TargetBench

BENCHES = [
    Excluded(
        "tap-canonical",
        "emits the plan of this moment, which the journal holds: no source to read twice, no"
        " state; tests/plan and tests/loop prove what it emits",
    ),
    Excluded(
        "tap-journal",
        "reads our own journal, whose schema is ours; tests/cli and tests/reconciliation prove it",
    ),
    TargetBench(
        "target-duckdb",
        sdk=True,
        config=lambda path: {"path": f"{path}.duckdb", "default_target_schema": "raw_x_main"},
        without={
            "effects_happen_once": "writes a file, in transactions; tests/targets/duckdb",
            "vendor_that_is_down_is_caught_up_with": "a file is locked, not down:"
            " tests/targets/duckdb",
            "audit_sends_nothing": "it loads what was read, and sends nothing",
            "target_with_wrong_key": "a file has no key",
            "target_secrets": "a file has no key",
            "target_capabilities": "it speaks with no vendor",
        },
    ),
]
