"""What target-hubspot can do and needs."""

from __future__ import annotations

from crossdock.capabilities import ANY, Capabilities
from taps.hubspot.client import DEFAULT_VERSION

OFFERS = Capabilities(
    system="hubspot",
    role="destination",
    protocol="REST over HTTPS",
    auth="service key, or client id, client secret and refresh token of an app",
    token_life="a service key lives until it is rotated; an app's token 30 minutes, renewed",  # noqa: S106
    limits=(
        "requests in any ten seconds: 100 (Free, Starter) or 190 (Professional, Enterprise)",
        "requests in a day, where the setting says how many",
    ),
    writes={ANY: ("create", "update", "archive")},
    partial_update="yes: only the fields that changed are sent",
    idempotency="a property with unique values that holds our key",
    read_back="by that property, at once; search lags and is never asked",
    deletes="archive, by sync",
    scopes=(
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.objects.orders.read",
        "crm.objects.orders.write",
        "crm.schemas.contacts.write (for `crossdock check --fix`)",
        "crm.schemas.orders.write (for `crossdock check --fix`)",
    ),
    api_version=f"{DEFAULT_VERSION} (served for 18 months)",
    links=("https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines",),
)
