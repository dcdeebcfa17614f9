"""Who is the same customer, held to sets whose truth is known: merged, and proposed for review."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import identity_data
from benchmarks.identity import BARS, ask

PUBLISHED = [
    pytest.param(
        name,
        marks=[
            pytest.mark.reference,
            pytest.mark.skipif(
                "CROSSDOCK_REFERENCE" not in os.environ, reason="CROSSDOCK_REFERENCE is not set"
            ),
        ],
    )
    for name in ("fake_1000", "senzing")
]
# FEBRL comes with the extra `identity`; where that is not installed, there is nothing to hold.
FEBRL = [name for name in identity_data.available() if name in BARS and name.startswith("febrl")]


@pytest.mark.parametrize("name", [*PUBLISHED, *FEBRL])
def test_merges_are_right_and_the_rest_is_proposed(name: str, tmp_path: Path) -> None:
    answer = ask(identity_data.load(name), tmp_path)
    merged, (reviewed, _) = answer.score(), answer.reviewed()
    bar = BARS[name]
    assert merged.precision >= bar.precision
    assert merged.recall >= bar.recall
    assert merged.largest <= merged.largest_true
    assert reviewed >= bar.reviewed
