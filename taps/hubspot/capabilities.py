"""What tap-hubspot can do and needs."""

from __future__ import annotations

from crossdock.capabilities import Capabilities
from taps.hubspot.client import DEFAULT_VERSION

OFFERS = Capabilities(
    system="hubspot",
    role="source",
    protocol="REST over HTTPS",
    auth="service key, or client id, client secret and refresh token of an app",
    token_life="a service key lives until it is rotated; an app's token 30 minutes, renewed",  # noqa: S106
    limits=(
        "requests in any ten seconds: 100 (Free, Starter) or 190 (Professional, Enterprise)",
        "searches in a second: 5, for all apps of the account",
        "requests in a day, where the setting says how many",
    ),
    incremental="by search for ids, then by id; associations with the records that changed",
    deletes="archived records are listed; a sweep of ids finds what was deleted for good; "
    "merged records say into what",
    counts="living records of each object, by the search index",
    scopes=(
        "crm.objects.contacts.read (contacts, notes)",
        "crm.objects.companies.read",
        "crm.objects.orders.read",
        "crm.objects.products.read",
        "crm.objects.line_items.read",
        "tickets",
        "crm.objects.owners.read (owners)",
        "crm.pipelines.orders.read (pipelines)",
    ),
    api_version=f"{DEFAULT_VERSION} (served for 18 months)",
    links=(
        "https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines",
        "https://developers.hubspot.com/docs/api-reference/search/guide",
        "https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies",
    ),
)
