"""What waits for a person, and what a person can say of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crossdock.cli.dead_letters import dead_letters_command
from crossdock.errors import JournalError, PlanError
from crossdock.journal import Journal, process, states
from crossdock.journal.intents import Change
from tests.cli.test_schemas import see
from tests.journal.support import DESTINATION, RUN, SYNC, planned


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    monkeypatch.setenv("CROSSDOCK_JOURNAL", url)
    journal = Journal(url)
    for key, end in (("k1", states.DEAD_LETTER), ("k2", states.PARKED)):
        item = planned(key)
        journal.operations.write_plan(RUN, [item], ())
        journal.leases.take([item.operation.op_key], RUN)
        if end == states.PARKED:
            journal.operations.settle(RUN, [Change(item.operation.op_key, states.UNKNOWN)])
        journal.operations.settle(RUN, [Change(item.operation.op_key, end, "not valid")])
    return journal


def run(*words: str) -> Result:
    return CliRunner().invoke(dead_letters_command, list(words), catch_exceptions=False)


def key_of(key: str) -> str:
    return planned(key).operation.op_key


def state_of(journal: Journal, key: str) -> Any:
    return journal.operations.get([key_of(key)])[key_of(key)]


def test_it_lists_what_waits_and_what_to_do(journal: Journal) -> None:
    text = run("list").output
    assert key_of("k1")[:12] in text
    assert "not valid" in text
    assert "retry" in text
    document = json.loads(run("list", "--json").output)
    assert [row["state"] for row in document["operations"]] == ["dead_letter", "parked"]
    see("dead_letters", document)


def test_retry_lets_the_next_plan_try_again(journal: Journal) -> None:
    assert run("retry", key_of("k1")[:8], "--reason", "mended", "--by", "Ada").exit_code == 0
    row = state_of(journal, "k1")
    assert (row["state"], row["attempts"]) == ("planned", 0)
    assert row["error"] == "retried: mended (Ada)"


def test_discard_ends_it(journal: Journal) -> None:
    run("discard", key_of("k1"), key_of("k2"), "--reason", "test records", "--by", "Ada")
    assert {state_of(journal, key)["state"] for key in ("k1", "k2")} == {"discarded"}
    assert run("list").output == "nothing waits\n"


def test_a_person_who_found_it_says_where_it_is(journal: Journal) -> None:
    run("acknowledge", key_of("k2"), "--id", "77", "--reason", "it is there", "--by", "Ada")
    (held,) = journal.operations.acknowledged(SYNC, DESTINATION)
    assert (held["key"], held["destination_id"]) == ("k2", "77")


@pytest.mark.parametrize("name", ["zzzz", ""])
def test_an_operation_is_named_without_doubt(journal: Journal, name: str) -> None:
    with pytest.raises(PlanError, match="dead-letters list"):
        run("discard", name, "--reason", "x")
    assert state_of(journal, "k1")["state"] == "dead_letter"


def test_nothing_is_changed_while_a_run_goes_on(journal: Journal) -> None:

    journal.begin("sync", (os.getpid(), process.start_time(os.getpid()) or 0.0))
    with pytest.raises(JournalError, match="is going on"):
        run("retry", key_of("k1"), "--reason", "x")
