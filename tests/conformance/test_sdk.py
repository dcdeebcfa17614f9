"""The SDK's own suites of tests."""

from __future__ import annotations

import warnings
from pathlib import Path

from singer_sdk.testing import SuiteConfig
from singer_sdk.testing.runners import TapTestRunner, TargetTestRunner
from singer_sdk.testing.suites import (
    StreamReturnsRecordTest,
    tap_stream_attribute_tests,
    tap_stream_tests,
    tap_tests,
    target_tests,
)

from tests.conformance.bench import TAPS, TARGETS, Stage, TapBench, TargetBench

BENCHES = [*TAPS, *(target for target in TARGETS if target.sdk)]


def test_sdk_suite(bench: TapBench | TargetBench, stage: Stage, tmp_path: Path) -> None:
    settings = SuiteConfig()
    if isinstance(bench, TapBench):
        assert _of_tap(bench, stage, settings) > 10
    else:
        assert _of_target(bench, tmp_path, settings) > 10


def _of_tap(bench: TapBench, stage: Stage, settings: SuiteConfig) -> int:
    runner = TapTestRunner(bench.tap, bench.config(stage), settings)
    runner.sync_all()
    assert runner.records
    ran = 0
    for of_tap in tap_tests.tests:
        of_tap().run(settings, None, runner)
        ran += 1
    for stream in runner.new_tap().streams.values():
        for of_stream in tap_stream_tests.tests:
            if of_stream is StreamReturnsRecordTest and stream.name in bench.empty:
                continue
            of_stream().run(settings, None, runner, stream)
            ran += 1
        for name, kind in stream.schema["properties"].items():
            for of_attribute in tap_stream_attribute_tests.tests:
                if of_attribute.evaluate(stream, name, kind):
                    of_attribute().run(settings, None, runner, stream, name)
                    ran += 1
    return ran


def _of_target(bench: TargetBench, folder: Path, settings: SuiteConfig) -> int:
    ran = 0
    for number, kind in enumerate(target_tests.tests):
        config = bench.config(str(folder / f"{number}"))
        runner = TargetTestRunner(bench.target, config, settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind().run(settings, None, runner)
        ran += 1
    return ran


def test_suite_is_not_empty() -> None:
    assert tap_tests.tests
    assert tap_stream_tests.tests
    assert target_tests.tests
