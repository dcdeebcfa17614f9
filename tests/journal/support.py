"""Operations to put into a journal, and processes that hold leases."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from crossdock.journal import Journal, states
from crossdock.journal.intents import Change, Planned, op_key
from crossdock.operation import Operation

SYNC = "sync_crm__orders"
DESTINATION = "crm:main"
RUN = "run-1"


def planned(key: str = "k1", version: int = 0, *, attempts: int = 0, **values: Any) -> Planned:
    """A planned operation as the plan would make it."""
    defaults: dict[str, Any] = {
        "action": "create",
        "destination_id": None,
        "match": {"ref": key},
        "set": {"status": "new"},
        "before": {},
    }
    operation = Operation(
        op_key="",
        run_id=RUN,
        sync=SYNC,
        destination=DESTINATION,
        object="orders",
        key=key,
        version=version,
        **{**defaults, **values},
    )
    owned = {"status": operation.set.get("status")}
    return Planned(replace(operation, op_key=op_key(operation)), owned, attempts)


def write(journal: Journal, *items: Planned, superseded: tuple[str, ...] = ()) -> list[str]:
    """Write a plan; the op keys."""
    journal.operations.write_plan(RUN, items, superseded)
    return [item.operation.op_key for item in items]


def go(journal: Journal, op_key: str, *steps: str) -> None:
    """Bring an operation through these states."""
    for state in steps:
        if state == states.IN_FLIGHT:
            journal.leases.take([op_key], RUN)
        else:
            found = "d-" + op_key[:6] if state == states.ACKNOWLEDGED else None
            change = Change(op_key, state, "test", destination_id=found)
            journal.operations.settle(RUN, [change])


def state_of(journal: Journal, op_key: str) -> str:
    state: str = journal.operations.get([op_key])[op_key]["state"]
    return state


@contextmanager
def process(url: str, code: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs `code` with an open `journal`, and prints lines."""
    program = textwrap.dedent(
        """
        import sys, time
        from crossdock.errors import CrossdockError, LeaseLost
        from crossdock.journal import Journal
        journal = Journal(sys.argv[1])
        """
    ) + textwrap.dedent(code)
    command = [sys.executable, "-c", program, url]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def said(running: subprocess.Popen[str]) -> str:
    """The next line that the process printed."""
    assert running.stdout is not None
    return running.stdout.readline().strip()
