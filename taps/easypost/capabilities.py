"""What tap-easypost can do and needs."""

from __future__ import annotations

from crossdock.capabilities import Capabilities

OFFERS = Capabilities(
    system="easypost",
    role="source",
    protocol="REST over HTTPS",
    auth="API key of the account, for production or for tests",
    token_life="until it is rotated in the dashboard",  # noqa: S106
    limits=(
        "lists in a second: 5, all lists of the account together",
        "everything: a limit that moves with the vendor's load, waited for when it answers 429",
    ),
    webhooks="yes, signed; not used",
    incremental="open trackers by code; new records by the time at which they were made",
    deletes="a sweep of ids finds deleted trackers; nothing else can be deleted",
    counts="none by the vendor; records made on the last day are counted by another listing",
    scopes=("a key has all rights of its user: make a child user for Crossdock",),
    links=(
        "https://docs.easypost.com/docs/trackers",
        "https://docs.easypost.com/docs/shipments",
        "https://docs.easypost.com/docs/addresses",
        "https://docs.easypost.com/guides/rate-limiting-guide",
    ),
)
