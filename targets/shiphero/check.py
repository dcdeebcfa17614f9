"""What `crossdock check` asks of a ShipHero account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.checks import Finding
from crossdock.errors import CrossdockError
from taps.shiphero.client import ShipHeroClient
from targets.shiphero import queries

NAME = "target-shiphero"


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """Credentials, credits, and warehouses that can be told apart."""
    try:
        with ShipHeroClient.from_config(config, connector=NAME) as client:
            yield _credentials(client)
            yield _warehouses(client)
    except CrossdockError as error:
        yield Finding("the account can be used", ok=False, advice=str(error))


def _credentials(client: ShipHeroClient) -> Finding:
    quota = client.execute(queries.QUOTA, stream="user_quota", cost=0.0)["user_quota"]
    allowance = f"{quota['max_available']} credits, {quota['increment_rate']} more each second"
    return Finding("the credentials are good", ok=True, advice=allowance)


def _warehouses(client: ShipHeroClient) -> Finding:
    account = client.execute(queries.ACCOUNT, stream="account")["account"]["data"]
    names = [str(w["identifier"] or "") for w in account.get("warehouses") or ()]
    what = "each warehouse has a name of its own"
    folded = {name.strip().casefold() for name in names}
    if not names or "" in folded or len(folded) < len(names):
        advice = "name them in ShipHero: locations of a shop are served by the one of their name"
        return Finding(what, ok=False, advice=advice)
    return Finding(what, ok=True, advice=", ".join(sorted(names)))
