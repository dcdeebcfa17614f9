"""Addresses: written once, never changed, and verified on request."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from sandbox.easypost.account import MODE, Account
from sandbox.easypost.errors import ApiError, required

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.core import Actor
    from sandbox.easypost.store import Record

_TEXTS = (
    *("name", "company", "street1", "street2", "city", "state", "zip", "country"),
    *("phone", "email"),
)
_SHOUTED = ("name", "company", "city", "state", "country")
_NOWHERE = re.compile(r"\b(unknown|invalid|nowhere)\b", re.IGNORECASE)
_HOUSE_NUMBER = re.compile(r"\d")


class Addresses:
    """The addresses of the account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._store = account.of("adr")

    def create(self, body: Any, *, actor: Actor = "api") -> Record:
        """Keep an address; `verify` and `verify_strict` stand beside it.

        Raises:
            ApiError: There is none, or it must be verified and cannot be.
        """
        given = body.get("address") if isinstance(body, dict) else None
        if not isinstance(given, dict):
            raise required("address")
        strict = bool(body.get("verify_strict") or given.get("verify_strict"))
        verify = strict or bool(body.get("verify") or given.get("verify"))
        record = self.keep(given, verify=verify, strict=strict)
        told = {"verify": verify, "name": given.get("name")}
        self._account.record("address", record, "create", told, actor=actor)
        return record

    def verified(self, address_id: str) -> Record:
        """Another address with what the check of this one found.

        Raises:
            ApiError: 422, it cannot be verified.
        """
        original = self._store.get(address_id)
        given = {name: original[name] for name in _TEXTS}
        record = self.keep(given, verify=True, strict=True)
        self._account.record("address", record, "create", {"verify": True})
        return record

    def keep(self, given: dict[str, Any], *, verify: bool, strict: bool) -> Record:
        """Keep an address, verified if that is asked for."""
        now = self._account.now
        record = _plain(given, now)
        if verify:
            errors = _wrong(record)
            if errors and strict:
                text = "Unable to verify address."
                raise ApiError(422, "ADDRESS.VERIFY.FAILURE", text, errors)
            record = record | (_failed(errors) if errors else _found(record))
        return self._store.add(record, now)

    def settle(self, record: Record) -> None:
        """Buying a label verifies where it goes to, in place."""
        if not record["verifications"] and not _wrong(record):
            record.update(_found(record))
            record["updated_at"] = self._account.now.isoformat(timespec="seconds")


def _plain(given: dict[str, Any], now: datetime) -> Record:
    texts = {name: given.get(name) or None for name in _TEXTS}
    at = now.isoformat(timespec="seconds")  # unlike other objects: +00:00 instead of Z
    return {
        "object": "Address",
        "created_at": at,
        "updated_at": at,
        **texts,
        "country": texts["country"] or "US",
        "mode": MODE,
        "carrier_facility": None,
        "residential": None,
        "federal_tax_id": given.get("federal_tax_id"),
        "state_tax_id": given.get("state_tax_id"),
        "verifications": {},
    }


def _wrong(record: Record) -> list[dict[str, Any]]:
    """Why an address cannot be found; nothing if it can."""
    street = record["street1"] or ""
    placed = record["city"] or record["zip"]
    numbered = _HOUSE_NUMBER.search(street) or record["country"] != "US"
    if street and placed and numbered and not _NOWHERE.search(f"{street} {record['city']}"):
        return []
    errors = [_error("E.ADDRESS.NOT_FOUND", "address", "Address not found")]
    if not numbered:
        errors.append(_error("E.HOUSE_NUMBER.MISSING", "street1", "House number is missing"))
    return errors


def _error(code: str, field: str, message: str) -> dict[str, Any]:
    return {"code": code, "field": field, "message": message, "suggestion": None}


def _failed(errors: list[dict[str, Any]]) -> Record:
    told = {"success": False, "errors": errors}
    return {"verifications": {"zip4": told | {"details": None}, "delivery": told | {"details": {}}}}


def _found(record: Record) -> Record:
    """The address as the post writes it, and where it is."""
    street = " ".join(text for text in (record["street1"], record["street2"]) if text)
    digits = int(hashlib.blake2b(street.lower().encode(), digest_size=4).hexdigest(), 16)
    where = {
        "latitude": 30 + digits % 100_000 / 10_000,
        "longitude": -120 + digits // 7 % 100_000 / 10_000,
        "time_zone": "America/Los_Angeles",
    }
    zip_code = record["zip"]
    if record["country"] == "US" and zip_code and re.fullmatch(r"\d{5}", zip_code):
        zip_code = f"{zip_code}-{digits % 10_000:04d}"
    told: dict[str, Any] = {"success": True, "errors": []}
    return {
        **{name: record[name] and record[name].upper() for name in _SHOUTED},
        "street1": street.upper(),
        "street2": "",
        "zip": zip_code,
        "residential": not record["company"],
        "verifications": {"zip4": told | {"details": None}, "delivery": told | {"details": where}},
    }
