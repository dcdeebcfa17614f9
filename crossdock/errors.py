"""Every error that Crossdock raises on purpose.

* CrossdockError: one clear line, and what to do next
  * SettingsError: a setting is missing or wrong
  * WarehouseError
    * WarehouseLocked: another process holds the DuckDB file
  * JournalError
    * LeaseLost: another process took the operation over
    * UnknownOperation: an op key that the journal never planned
  * PlanError
    * SyncDefinitionError: the YAML of a sync is wrong
  * PartlyRead: some streams of a source failed that nothing waits for
  * ApiError: a vendor's answer (see `crossdock.http.errors`)

Messages name no secret and no person's data.
"""

from __future__ import annotations


class CrossdockError(Exception):
    """Something went wrong that a person can act on.

    Args:
        message: One line that says what is wrong.
        hint: One line that says what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} -> {self.hint}" if self.hint else self.message


class SettingsError(CrossdockError):
    """A setting is missing or wrong; the message holds its path."""


class WarehouseError(CrossdockError):
    """The DuckDB file cannot be used."""


class WarehouseLocked(WarehouseError):  # noqa: N818
    """Another process holds the DuckDB file for longer than we wait."""


class JournalError(CrossdockError):
    """The journal refuses a change."""


class LeaseLost(JournalError):  # noqa: N818
    """Another process has taken the operation over; this one must not send it."""


class UnknownOperation(JournalError):  # noqa: N818
    """An operation whose key the journal never planned."""


class PlanError(CrossdockError):
    """A plan cannot be made or must not be applied."""


class SyncDefinitionError(PlanError):
    """The `meta.sync` of a dbt model is wrong; the message holds its path."""


class PartlyRead(CrossdockError):  # noqa: N818
    """Some streams failed; all that others wait for was read, so the source is not stale."""
