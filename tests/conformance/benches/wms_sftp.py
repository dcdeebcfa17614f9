"""tap-wms-sftp."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from sandbox.faults import Rule
from sandbox.wms_sftp import records
from sandbox.wms_sftp.vendor import PASSWORD, USER
from taps.wms_sftp import streams
from taps.wms_sftp.layout import __file__ as layout_file
from tests.conformance.bench import Stage, TapBench
from tests.taps.played import PRODUCTS, START

if TYPE_CHECKING:
    from collections.abc import Callable
ADDRESS = ["Ada Lovelace", "Lange Straße 5", "", "Köln", "", "50667", "DE"]
LINES = 8


def _door(stage: Stage) -> dict[str, Any]:
    """Where the SFTP server is, asked without the way over HTTP, which may be broken."""
    vendor: Any = stage.sandbox and stage.sandbox.vendors["wms_sftp"]
    told: dict[str, Any] = vendor.door.told()
    return told


def _config(stage: Stage) -> dict[str, Any]:
    door = _door(stage)
    return {
        "host": "127.0.0.1",
        "port": door["port"],
        "username": USER,
        "password": PASSWORD,
        "host_key_fingerprint": door["fingerprint"],
        "layout": str(_layout()),
    }


def _layout() -> Path:
    return Path(layout_file).with_name("layouts") / "delimited.yml"


def _prepare(stage: Stage) -> None:
    """Orders go in as files; the warehouse acknowledges and ships, and something comes back."""
    details = [[f"own_{n}", 1, PRODUCTS[n], 2, "", "", "", "", *ADDRESS] for n in range(LINES)]
    text = records.write(records.ORDER, 1, START, details, 2 * LINES)
    _put(stage, records.file_name(records.ORDER, START, 1), text)
    stage.advance(hours=25)
    stage.edit("wms_sftp", "return", number="own_0", set={"quantity": 1})


def _put(stage: Stage, name: str, text: str) -> None:
    door = _door(stage)

    async def sent() -> None:
        key = asyncssh.import_public_key(door["host_key"])
        login = {"username": USER, "password": PASSWORD, "client_keys": [], "config": []}
        async with (
            asyncssh.connect(
                "127.0.0.1", door["port"], known_hosts=([key], [], []), **login
            ) as connection,
            connection.start_sftp_client() as sftp,
            sftp.open(f"in/{name}", "wb") as file,
        ):
            await file.write(text.encode())

    asyncio.run(sent())


def _change(stage: Stage, number: int, text: str) -> None:
    stage.edit(
        "wms_sftp", "return", number=f"own_{number % LINES}", set={"quantity": 1, "rma": text}
    )


def _scripts() -> dict[str, Callable[[str], list[Rule]]]:
    kinds = ("down", "reset", "drop_before", "slow")
    made: dict[str, Callable[[str], list[Rule]]] = {}
    for kind in kinds:
        rule = Rule(kind, every=2, per_request=2, count=8, seconds=0.05 if kind == "slow" else None)
        made[f"sftp_{kind}"] = lambda vendor, rule=rule: [_of(rule, vendor)]
    return made


def _of(rule: Rule, vendor: str) -> Rule:
    return replace(rule, vendor=vendor)


BENCHES = [
    TapBench(
        name="tap-wms-sftp",
        vendor="wms_sftp",
        config=_config,
        change=_change,
        prepare=_prepare,
        shrink=((streams, "PAGE", 3),),
        secrets=(PASSWORD,),
        wrong={"password": "wrong-and-secret"},
        nowhere={"port": 9},
        scripts=_scripts(),
        without={
            "two_full_reads_are_equal": "no reading is a full listing, for what was read is put "
            "away; tests/taps/test_tap_wms_sftp.py reads twice",
            "reading_on_from_any_state_loses_nothing": "it counts HTTP requests; "
            "tests/taps/test_tap_wms_sftp_sandbox.py does the same over SFTP",
            "control_totals_agree": "each file has a window of its own, not the whole table; "
            "tests/taps/test_tap_wms_sftp.py holds them against it",
            "sweep_finds_what_was_deleted": "nothing that a warehouse has said is deleted",
            "unknown_fields": "files have no names of fields; columns that the layout does not "
            "name are in `extra`: tests/taps/test_tap_wms_sftp_bad.py",
            "requests_are_valid": "SFTP has no schema of requests",
        },
    ),
]
