"""The rules of faults: when a request breaks, how, and how often it happened."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Kind = Literal[
    "down",
    "drop_before",
    "status",
    "limited",
    "revoked",
    "timeout",
    "slow",
    "lost_answer",
    "reset",
    "short",
    "truncated",
    "garbage",
    "shift",
    "doubled",
    "new_field",
    "vanished",
    "partial",
    "bad_trailer",
    "twice",
    "gap",
    "wrong_encoding",
]
#: Kinds that break an answer with records in it, and nothing else.
OF_RECORDS: tuple[Kind, ...] = ("shift", "doubled", "new_field", "vanished")
#: Kinds that break a file which a vendor writes; no request breaks by them.
OF_FILES: tuple[Kind, ...] = ("partial", "bad_trailer", "twice", "gap", "wrong_encoding")
#: Seconds of the kinds that take time, where a rule does not say them.
USUAL_SECONDS: dict[Kind, float] = {"slow": 1.0, "timeout": 60.0}


class FaultError(CrossdockError):
    """A fault rule is wrong."""


@dataclass(frozen=True)
class Rule:
    """When a request breaks, and how.

    Nothing happens at the vendor with `down` and `drop_before` (the connection is cut),
    `status` (answered with `status`), `limited` (the vendor's own refusal of too many
    requests) and `revoked` (the token of the request is refused from now on, in the vendor's
    own words, until the rules are replaced). The request takes effect with all others:
    `lost_answer` cuts the connection, or answers `status`; `timeout` says nothing for
    `seconds`; `reset` and `short` send half of the answer, then reset or close the
    connection; `truncated` sends half of it as if it were whole; `garbage` answers HTML;
    `slow` waits `seconds` first.

    Answers with records in them break so: `shift` lets somebody change a record before the
    next page is asked for; `doubled` gives a record twice; `new_field` adds an unknown field
    to each record; `vanished` takes `field` away from each (in GraphQL it is null).

    Files that a vendor writes break so: `partial` lies there half under its final name, until
    `seconds` of the sandbox's time have passed; `bad_trailer` does not add up; `twice` comes
    again under a later name; `gap` leaves a number out; `wrong_encoding` is not in UTF-8.

    Attributes:
        vendor: `shopify` (all instances), `shopify:eu` (one); empty for every vendor.
        match: Part of the path, or of the name of the GraphQL operation or root field.
        probability: Share of the matching requests that break.
        every: Only every n-th matching request breaks.
        after: The first n matching requests pass.
        count: At most n requests break.
        per_request: One and the same request breaks at most n times, so that trying again
            helps for certain.
        retry_after: Seconds that a refusal tells in `Retry-After`.
        edit: What `shift` does, as for `/_sandbox/edit`; else the oldest record is touched.
        field: What `vanished` takes away; several names are separated by `|`.
    """

    kind: Kind
    vendor: str = ""
    match: str = ""
    probability: float = 1.0
    every: int = 1
    after: int = 0
    count: int | None = None
    per_request: int | None = None
    status: int | None = None
    seconds: float | None = None
    retry_after: float | None = None
    edit: dict[str, Any] | None = None
    field: str = ""
    seed: int = 0

    @classmethod
    def parse(cls, body: dict[str, Any]) -> Rule:
        """Read a rule.

        Raises:
            FaultError: A key is unknown, or `kind` is none of the known ones.
        """
        unknown = set(body) - {field.name for field in fields(cls)}
        if unknown or body.get("kind") not in get_args(Kind):
            wrong = f"key {sorted(unknown)[0]!r}" if unknown else f"kind {body.get('kind')!r}"
            raise FaultError(
                f"a fault rule has the unknown {wrong}",
                hint=f"kinds are {', '.join(get_args(Kind))}",
            )
        rule = cls(**body)
        try:
            sane = rule.makes_sense
        except TypeError:
            sane = False
        if not sane:
            raise FaultError("a fault rule has a value that makes no sense", hint=str(body))
        return rule

    @property
    def makes_sense(self) -> bool:
        """Whether each value is in its range."""
        counts = (self.after, self.count or 0, self.per_request or 0, self.every - 1)
        times = (self.seconds or 0, self.retry_after or 0)
        return (
            0 <= self.probability <= 1
            and min(counts) >= 0
            and min(times) >= 0
            and isinstance(self.status, int | None)
            and isinstance(self.edit, dict | None)
            and (self.kind != "vanished" or bool(self.field))
        )

    @property
    def wait(self) -> float:
        """The seconds that the fault takes."""
        usual = USUAL_SECONDS.get(self.kind, 0.0)
        return usual if self.seconds is None else self.seconds

    @property
    def names(self) -> set[str]:
        """The fields that vanish."""
        return set(self.field.split("|"))

    def concerns(self, vendor: str, names: str) -> bool:
        """Whether the rule is about this vendor and this request."""
        return self.vendor in ("", vendor, vendor.split(":")[0]) and self.match in names


class Applied:
    """A rule in force, with what it has seen and broken."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.seen = 0
        self.broken = 0
        self.refused_again = 0
        self._random = random.Random(rule.seed)
        self._requests: Counter[str] = Counter()

    def hits(self, request: str) -> bool:
        """Count a matching request; answer whether it breaks."""
        rule = self.rule
        self.seen += 1
        if self.seen <= rule.after or (self.seen - rule.after) % rule.every:
            return False
        if rule.count is not None and self.broken >= rule.count:
            return False
        if rule.per_request is not None and self._requests[request] >= rule.per_request:
            return False
        if self._random.random() >= rule.probability:
            return False
        self.broken += 1
        self._requests[request] += 1
        return True

    def missed(self, request: str) -> None:
        """Take back a hit that had nothing to break."""
        self.broken -= 1
        self._requests[request] -= 1


class Faults:
    """The set of rules in force, and how often which kind of fault has happened."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._lock = threading.Lock()
        self._applied: list[Applied] = []
        self._revoked: dict[tuple[str, str], Applied] = {}
        self._kinds: Counter[str] = Counter()
        self.replace(rules)

    @classmethod
    def parse(cls, body: Any) -> Faults:
        """Read `{"rules": [...]}`.

        Raises:
            FaultError: It is something else.
        """
        rules = body.get("rules") if isinstance(body, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise FaultError("no fault rules", hint='write {"rules": [{"kind": "down", ...}]}')
        return cls(Rule.parse(rule) for rule in rules)

    def replace(self, rules: Iterable[Rule]) -> None:
        """Put other rules in force; tokens that were revoked are good again."""
        applied = [Applied(rule) for rule in rules]
        with self._lock:
            self._applied = applied
            self._revoked.clear()

    @property
    def rules(self) -> list[Rule]:
        with self._lock:
            return [applied.rule for applied in self._applied]

    def pick(
        self,
        vendor: str,
        names: str,
        *,
        request: str = "",
        token: str | None = None,
        kinds: Collection[str] | None = None,
    ) -> Applied | None:
        """The rule that breaks this request, if any does.

        Args:
            vendor: Whom it is sent to.
            names: Its path, and the names in its GraphQL document.
            request: What tells it from any other; the same when it is tried again.
            token: What it signs itself with; requests without one cannot lose it.
            kinds: Only these; without them, all but those of files.
        """
        with self._lock:
            gone = self._revoked.get((vendor, token or ""))
            if gone is not None:
                gone.refused_again += 1
                return gone
            for applied in self._applied:
                rule = applied.rule
                if rule.kind == "revoked" and token is None:
                    continue
                if rule.kind in OF_FILES if kinds is None else rule.kind not in kinds:
                    continue
                if rule.concerns(vendor, names) and applied.hits(request):
                    self._happened(applied, vendor, token)
                    return applied
        return None

    def missed(self, applied: Applied, request: str) -> None:
        """Take back a hit: the answer held nothing that the rule could break."""
        with self._lock:
            applied.missed(request)
            self._kinds[applied.rule.kind] -= 1

    def kinds(self) -> dict[str, int]:
        """How many faults of each kind have happened, under these rules and earlier ones."""
        with self._lock:
            return {kind: count for kind, count in sorted(self._kinds.items()) if count}

    def report(self) -> dict[str, Any]:
        """The rules in force, each with what it has seen and broken; the kinds since the start."""
        with self._lock:
            rules = [
                asdict(applied.rule)
                | {
                    "seen": applied.seen,
                    "broken": applied.broken,
                    "refused_again": applied.refused_again,
                }
                for applied in self._applied
            ]
        return {"rules": rules, "kinds": self.kinds()}

    def _happened(self, applied: Applied, vendor: str, token: str | None) -> None:
        self._kinds[applied.rule.kind] += 1
        if applied.rule.kind == "revoked" and token is not None:
            self._revoked[vendor, token] = applied
