"""Resolvers of single fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, get_named_type

from sandbox.shopify import catalog, mutations
from sandbox.shopify.ids import gid, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLResolveInfo

    from sandbox.shopify.store import Record, Store

    Info = GraphQLResolveInfo[Any]


def by_id(_: None, info: Info, id: str | None = None) -> Any:  # noqa: A002
    """The record of an id; without one, the first of its type."""
    store: Store = info.context.store
    wanted = get_named_type(info.return_type).name
    if id is None:
        return next(iter(store.all(wanted)), None)
    if kind_of(id) is None:
        raise GraphQLError(
            f"Invalid global id '{id}'", extensions={"code": "argumentLiteralsIncompatible"}
        )
    return _seen(info, store.get(id)) if wanted in ("Node", kind_of(id)) else None


def _seen(info: Info, record: Record | None) -> Record | GraphQLError | None:
    """The record, or why the token may not see one of its type."""
    kind = kind_of(record["id"]) if record else None
    return info.context.grant.refusal("", info.field_name, kind or "") or record


def _nodes(_: None, info: Info, ids: list[str]) -> list[Record | GraphQLError | None]:
    return [_seen(info, info.context.store.get(each)) for each in ids]


def _quantities(level: Record, info: Info, names: list[str]) -> list[Record]:
    try:
        return catalog.quantities(info.context.store, level, names)
    except KeyError as error:
        raise GraphQLError(f"The quantity name {error.args[0]!r} is not valid.") from None


def _level_of_item(item: Record, _: Info, locationId: str, **__: Any) -> Any:  # noqa: N803
    return next((v for v in item["inventoryLevels"] if v["location"]["id"] == locationId), None)


def _level_of_location(
    location: Record,
    _: Info,
    inventoryItemId: str,  # noqa: N803
    **__: Any,
) -> Any:
    return next(
        (v for v in location["inventoryLevels"] if v["item"]["id"] == inventoryItemId), None
    )


def _first_of(record: Record, info: Info, first: int | None = None, **_: Any) -> Any:
    return record[info.field_name][:first]


def _transactions(
    order: Record, _: Info, first: int | None = None, capturable: bool | None = None, **__: Any
) -> list[Record]:
    found: list[Record] = order["transactions"]
    if capturable is not None:
        found = [t for t in found if (t["kind"] == "AUTHORIZATION") == capturable]
    return found[:first]


def _app_installation(_: None, info: Info) -> Record:
    return {
        "id": gid("AppInstallation", 1),
        "app": {"id": gid("App", 1), "title": "Sandbox", "handle": "sandbox"},
        "accessScopes": [
            {"handle": scope, "description": scope} for scope in sorted(info.context.grant.scopes)
        ],
    }


def _shop(_: None, info: Info) -> Record:
    shop: Record = info.context.store.shop
    plan = info.context.grant.plan
    if plan == shop["plan"]["publicDisplayName"]:
        return shop
    told = {"displayName": plan, "publicDisplayName": plan, "shopifyPlus": False}
    return {**shop, "plan": {**shop["plan"], **told}}


def _current_bulk(_: None, info: Info, type: str = "QUERY") -> Record | None:  # noqa: A002
    operations = info.context.store.all("BulkOperation")
    return next((each for each in reversed(operations) if each["type"] == type), None)


OWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("QueryRoot", "currentAppInstallation"): _app_installation,
    ("QueryRoot", "currentBulkOperation"): _current_bulk,
    ("QueryRoot", "nodes"): _nodes,
    ("QueryRoot", "shop"): _shop,
    ("BulkOperation", "partialDataUrl"): lambda o, info: info.context.bulk.link(
        o, "FAILED", info.context
    ),
    ("BulkOperation", "url"): lambda o, info: info.context.bulk.link(o, "COMPLETED", info.context),
    ("InventoryItem", "inventoryLevel"): _level_of_item,
    ("InventoryLevel", "quantities"): _quantities,
    ("Location", "inventoryLevel"): _level_of_location,
    ("Mutation", "fulfillmentCreate"): mutations.fulfillment_create,
    ("Mutation", "fulfillmentTrackingInfoUpdate"): mutations.tracking_info_update,
    ("Mutation", "bulkOperationCancel"): lambda _, info, id: info.context.bulk.cancel(id),  # noqa: A006
    ("Mutation", "bulkOperationRunQuery"): (
        lambda _, info, query, groupObjects=False: info.context.bulk.run(  # noqa: N803
            query, groupObjects, info.context
        )
    ),
    ("Order", "fulfillments"): _first_of,
    ("Order", "refunds"): _first_of,
    ("Order", "transactions"): _transactions,
    ("Fulfillment", "trackingInfo"): _first_of,
}
