"""What target-easypost can do and needs."""

from __future__ import annotations

from crossdock.capabilities import Capabilities

OFFERS = Capabilities(
    system="easypost",
    role="destination",
    protocol="REST over HTTPS",
    auth="API key",
    token_life="until it is rotated",  # noqa: S106
    limits=("lists: 5 requests in a second; all else as the vendor's load allows",),
    writes={"addresses": ("create",), "trackers": ("create",)},
    partial_update="no: an address and a tracker are made once and never changed",
    idempotency=(
        "trackers: the same code and carrier within three months are the same tracker;"
        " addresses: looked up by our key first"
    ),
    read_back="trackers by tracking code, addresses by our key in their name",
    scopes=("a key of the account (EasyPost knows no scopes)",),
    links=(
        "https://docs.easypost.com/docs/trackers",
        "https://docs.easypost.com/docs/addresses",
        "https://docs.easypost.com/guides/rate-limiting-guide",
    ),
)
