# tap-@kebab@

Reads orders, and the parcels that it was told of, from one account of @title@.

| setting | |
|---|---|
| `api_url` | base of the API |
| `access_token` | a token that may read orders |
| `instance` | its name among the system instances: `@name@:main` |
| `start_date` | the first reading leaves out what has not changed since |
| `share` | part of the account's limit that is ours (0.5) |

## How it reads

- Pages of 100, followed by cursor; changes by `updated_since`. **Bookmarks** are times of the API's
  own clock: when the reading began, less 30 seconds.
- Once a day all ids are read: an order that is not among them any more is marked as deleted.
- `/orders/count` is the control total.

## Quirks

This connector was generated: it speaks with the stand-in in `sandbox/@name@`. What the real API
does otherwise is changed in the stand-in first, then here, and written down in this list with a
link to the vendor's page.
