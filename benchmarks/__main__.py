"""All benchmarks, one after the other: `python -m benchmarks`.

Each has options of its own: `python -m benchmarks.load --help`.
"""

from __future__ import annotations

import sys

from benchmarks import (
    backfill,
    delivery,
    faults,
    identity,
    identity_scale,
    limits,
    load,
    models,
    plan,
    relay,
    skus,
)

if __name__ == "__main__":
    chosen = sys.argv[1:]
    for each, arguments in (
        (load, ["--memory", "200000,1000000,5000000"]),
        (relay, []),
        (backfill, []),
        (limits, []),
        (identity, []),
        (identity_scale, []),
        (skus, []),
        (models, []),
        (plan, []),
        (faults, []),
        (delivery, []),
    ):
        sys.argv = [each.__name__, *arguments, *chosen]
        each.main()
