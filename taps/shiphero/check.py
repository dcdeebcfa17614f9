"""What `crossdock check` asks of a ShipHero account: token, credits, warehouses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taps.shiphero.client import ShipHeroClient

Finding = tuple[str, bool, str]

QUERY = """
query Check {
  user_quota { credits_remaining max_available increment_rate }
  account { data { warehouses { id } } }
}
"""


def check(client: ShipHeroClient) -> Iterator[Finding]:
    """Say of each thing whether it is in order, and what to do if not."""
    try:
        data = client.execute(QUERY, stream="check")
    except CrossdockError as error:
        yield "the account answers and takes the token", False, str(error)
        return
    yield "the account answers and takes the token", True, ""
    quota = data["user_quota"]
    rate, most = quota["increment_rate"], quota["max_available"]
    ok = (most, rate) == (client.credits, client.credits_per_second)
    advice = f"set credits: {most} and credits_per_second: {rate}"
    yield f"{most} credits, {rate} a second", ok, "" if ok else advice
    warehouses = data["account"]["data"]["warehouses"]
    yield f"{len(warehouses)} warehouses", bool(warehouses), "" if warehouses else "add one"
