"""Plays a scene: runs in trouble, then runs without, then what is to be seen."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from crossdock import clock
from crossdock.journal import Journal, states
from crossdock.journal.schema import operations, runs, sync_books
from tests.chaos.run import Child, Observed, Place, loop
from tests.chaos.scene import Row, Scene, Trouble
from tests.chaos.vendors import Vendors

HEALING = 8
"""After so many runs without trouble nothing may be left to do."""
_FILES = ("", "-wal", "-shm")


@dataclass
class Outcome:
    """What a scene came to.

    Attributes:
        wrong: What must not be, in words; empty if all is well.
        troubles: What went wrong on purpose, counted.
        effects: How many writes took effect.
        killed: How many processes were killed.
    """

    wrong: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    effects: int = 0
    killed: int = 0
    healed_after: int = 0


class Play:
    """One scene in a folder of its own."""

    def __init__(
        self, scene: Scene, vendors: Vendors, folder: Path, *, write_ahead: bool = True
    ) -> None:
        self._scene = scene
        self._write_ahead = write_ahead
        self._place = Place(folder, vendors)
        self._vendors = vendors
        self._log = folder / "child.txt"
        self._readings: list[tuple[Observed, datetime]] = []
        self._backups: list[Path] = []
        self._blocked = 0
        self.outcome = Outcome()

    def __call__(self) -> Outcome:
        """Play it."""
        self._place.folder.mkdir(exist_ok=True)
        self._vendors.start(self._scene.seed)
        self._place.write_manifest()
        for wanted, trouble in zip(self._scene.wanted, self._scene.troubles, strict=True):
            self.outcome.troubles.update(trouble.kinds)
            self._in_trouble(wanted, trouble)
        self._vendors.faults()
        self._heal(self._scene.wanted[-1])
        self.outcome.effects = len(self._vendors.effects())
        self.outcome.wrong += [*self._doubled(), *self._missing(), *self._books()]
        return self.outcome

    # Runs

    def _in_trouble(self, wanted: dict[str, list[Row]], trouble: Trouble) -> None:
        self._journal_is(trouble.journal)
        self._vendors.faults()  # a reading is another process's, and complete or not there
        reading, read_at = self._read(trouble)
        self._vendors.faults(*trouble.faults)
        children = [self._start(wanted, trouble, reading, read_at)]
        if trouble.second:
            # One of the two is first, and lives or dies; the other is refused, or comes after it.
            calm = Trouble(clock=trouble.clock)
            beside = self._log.with_name("beside.txt")
            children.append(self._start(wanted, calm, reading, read_at, log=beside))
        ends = [child.end() for child in children]
        self.outcome.killed += ends.count("killed")
        if "killed" in ends and not self._write_ahead:
            self._forget()
        self._back_up()

    def _heal(self, wanted: dict[str, list[Row]]) -> None:
        for number in range(HEALING):
            reading, read_at = self._read(Trouble())
            end = self._start(wanted, Trouble(), reading, read_at).end()
            if end != "ended":
                self.outcome.wrong.append(f"a run without trouble {end}: {self._log.read_text()}")
                return
            planned, blocked = map(int, self._log.read_text().split())
            if planned == 0:
                self.outcome.healed_after, self._blocked = number, blocked
                return
        self.outcome.wrong.append(f"after {HEALING} runs something is left to do")

    def _start(
        self,
        wanted: dict[str, list[Row]],
        trouble: Trouble,
        reading: Observed,
        read_at: datetime,
        *,
        log: Path | None = None,
    ) -> Child:
        return Child.of(
            lambda: loop(self._place, wanted, trouble, reading=reading, read_at=read_at),
            log or self._log,
        )

    def _read(self, trouble: Trouble) -> tuple[Observed, datetime]:
        """What the taps would bring: the vendors' state of now, or of the run before."""
        if trouble.stale and self._readings:
            return self._readings[-1]
        now = clock.real_now() + timedelta(seconds=trouble.clock)
        self._readings.append((self._vendors.observed(), now))
        return self._readings[-1]

    def _journal_is(self, what: str) -> None:
        if what == "lost" or (what == "restored" and len(self._backups) < 2):
            for end in _FILES:
                self._file(self._place.journal, end).unlink(missing_ok=True)
        elif what == "restored":
            self._copy(self._backups[-2], self._place.journal)

    def _forget(self) -> None:
        """As if the journal were only written when a run has come to its end."""
        if self._backups:
            self._copy(self._backups[-1], self._place.journal)
        else:
            self._journal_is("lost")

    def _back_up(self) -> None:
        backup = self._place.folder / f"backup-{len(self._backups)}.db"
        self._copy(self._place.journal, backup)
        self._backups.append(backup)

    def _copy(self, source: Path, target: Path) -> None:
        for end in _FILES:
            self._file(target, end).unlink(missing_ok=True)
            if self._file(source, end).exists():
                shutil.copyfile(self._file(source, end), self._file(target, end))

    @staticmethod
    def _file(path: Path, end: str) -> Path:
        return path.with_name(path.name + end)

    # What is to be seen

    @property
    def _forgot(self) -> bool:
        return any(trouble.journal != "kept" for trouble in self._scene.troubles)

    def _doubled(self) -> list[str]:
        """Each record was made once, and no write said what was said before.

        Who has forgotten what was said, and does not read what is there, may say it again.
        """
        wrong = [
            f"{kind} {key} was made {number} times"
            for (kind, key), number in self._vendors.made().items()
            if number > 1
        ]
        if self._forgot:
            return wrong
        said: dict[tuple[str, str], str] = {}
        for effect in self._vendors.effects():
            if effect["object"] == "order" and effect["vendor"] == "hubspot":
                step = effect["fields"].get("hs_fulfillment_status")
                record = (effect["vendor"], effect["id"])
                if step is not None and said.get(record) == step:
                    wrong.append(f"order {effect['id']} was told twice: {step}")
                said[record] = step or said.get(record, "")
        return wrong

    def _missing(self) -> list[str]:
        """What is wanted in the end is what the vendors hold.

        To a journal that was put back our own later writes are somebody else's: such an order
        waits for a person, and the books say so.
        """
        wanted, there = self._scene.wanted[-1], self._vendors.observed()
        wrong, waiting = [], self._blocked if self._forgot else 0
        for kind, key, field_name in (
            ("contacts", "crossdock_customer_id", "firstname"),
            ("orders", "crossdock_order_id", "hs_fulfillment_status"),
            ("wms_orders", "partner_order_id", "shipping_address__address2"),
        ):
            held = {row[key]: row for row in there[kind] if row.get(key)}
            for row in wanted[kind]:
                record = held.get(row[key])
                if record is None:
                    wrong.append(f"{kind} {row[key]} is missing")
                elif (record[field_name] or "") != row[field_name] and waiting:
                    waiting -= 1
                elif (record[field_name] or "") != row[field_name]:
                    wrong.append(f"{kind} {row[key]} has an old value")
        return wrong

    def _books(self) -> list[str]:
        """Every run is closed, its books add up, and nothing is left half done."""
        journal = Journal(self._place.settings.journal)
        try:
            wrong = [
                f"run {row['run_id']} is open"
                for row in journal.rows(select(runs).where(runs.c.state == "open"))
            ]
            closed = select(runs.c.run_id).where(runs.c.state.in_(("ok", "failed")))
            unbalanced = select(sync_books).where(
                sync_books.c.run_id.in_(closed), sync_books.c.balanced.is_not(True)
            )
            wrong += [f"{row['sync']} does not add up" for row in journal.rows(unbalanced)]
            ended = (*states.ENDED, states.REJECTED)
            left = select(operations.c.state).where(operations.c.state.not_in(ended))
            wrong += [f"an operation is {row['state']}" for row in journal.rows(left)]
        finally:
            journal.close()
        return wrong
