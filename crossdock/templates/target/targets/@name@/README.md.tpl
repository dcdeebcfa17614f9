# target-@kebab@

Tells one account of @title@ the tracking number of each parcel of its orders, once the parcel has
left. It takes operations that tap-canonical planned; called on anything else it sends nothing.

| setting | |
|---|---|
| `api_url` | base of the API |
| `access_token` | a token that may write parcels |
| `rollout` | `audit` (default: writes down, sends nothing), `parallel`, `live` |
| `share` | part of the account's limit that is ours (0.5) |

## How it writes

- `POST /parcels`, one for each parcel, with the operation's key as `Idempotency-Key`.
- A lost answer is found again by `external_id`, our id of the parcel.
- What to tell is said by `transform/dbt/models/sync/@name@/sync_@name@__parcels.sql`, what the account
  has by now by `stg_@name@__parcels.sql`.

## Quirks

This connector was generated: it speaks with the stand-in in `sandbox/@name@`. What the real API
does otherwise is changed in the stand-in first, then here, and written down in this list with a
link to the vendor's page.
