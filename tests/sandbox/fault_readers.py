"""Readers of each vendor that try again properly, to read through faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

TRIES = 5
ORDERS = """query Orders($after: String) { orders(first: 2, after: $after, sortKey: UPDATED_AT) {
  nodes { id name note updatedAt } pageInfo { hasNextPage endCursor } } }"""
STOCK = """query Stock($after: String) { warehouse_products { request_id
  data(first: 1, after: $after) { pageInfo { hasNextPage endCursor }
    edges { node { id sku on_hand reorder_level } } } } }"""


class TryAgainError(Exception):
    """The answer is none: try again."""


class Reader:
    """Reads one list to its end, page by page."""

    vendor: str

    def __init__(self, url: str, timeout: float = 5.0) -> None:
        self.http = httpx.Client(base_url=f"{url}/{self.vendor}", timeout=timeout)
        self.token = ""
        self.tries = 0

    def records(self) -> dict[str, dict[str, Any]]:
        """Every record by its id."""
        found: dict[str, dict[str, Any]] = {}
        after: str | None = None
        while True:
            rows, after = self._again(self.page, after)
            found |= {row["id"]: row for row in rows}
            if after is None:
                return found

    def page(self, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        raise NotImplementedError

    def _again(self, ask: Callable[..., Any], *args: Any) -> Any:
        for _ in range(TRIES):
            self.tries += 1
            try:
                self.token = self.token or self._json(self.login_request())["access_token"]
                return ask(*args)
            except (TryAgainError, httpx.TransportError):
                time.sleep(0.01)
        raise AssertionError(f"no answer after {TRIES} tries")

    def login_request(self) -> httpx.Response:
        raise NotImplementedError

    def _json(self, response: httpx.Response) -> Any:
        if response.status_code == 401:
            self.token = ""
        if response.status_code != 200:
            raise TryAgainError
        try:
            body = response.json()
        except ValueError:
            raise TryAgainError from None
        if "errors" in body:
            raise TryAgainError
        return body


class ShopifyReader(Reader):
    vendor = "shopify"

    def login_request(self) -> httpx.Response:
        return self.http.post(
            "/admin/oauth/access_token",
            json={"client_id": "sandbox", "client_secret": "sandbox-secret",
                  "grant_type": "client_credentials"},
        )  # fmt: skip

    def page(self, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        response = self.http.post(
            "/admin/api/2026-10/graphql.json",
            json={"query": ORDERS, "variables": {"after": after}},
            headers={"X-Shopify-Access-Token": self.token},
        )
        page = self._json(response)["data"]["orders"]
        info = page["pageInfo"]
        return page["nodes"], info["endCursor"] if info["hasNextPage"] else None


class HubSpotReader(Reader):
    vendor = "hubspot"

    def login_request(self) -> httpx.Response:
        form = {"grant_type": "refresh_token", "client_id": "sandbox",
                "client_secret": "sandbox-secret", "refresh_token": "sandbox-refresh"}  # fmt: skip
        return self.http.post("/oauth/v3/token", data=form)

    def page(self, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        response = self.http.get(
            "/crm/v3/objects/contacts",
            params={
                "limit": 1,
                "properties": "email,phone,jobtitle",
                **({"after": after} if after else {}),
            },
            headers={"Authorization": f"Bearer {self.token}"},
        )
        body = self._json(response)
        return body["results"], body.get("paging", {}).get("next", {}).get("after")


class ShipHeroReader(Reader):
    vendor = "shiphero"

    def login_request(self) -> httpx.Response:
        body = {"username": "sandbox@crossdock.test", "password": "sandbox"}
        return self.http.post("/auth/token", json=body)

    def page(self, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        response = self.http.post(
            "/graphql",
            json={"query": STOCK, "variables": {"after": after}},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        page = self._json(response)["data"]["warehouse_products"]["data"]
        info = page["pageInfo"]
        rows = [edge["node"] for edge in page["edges"]]
        return rows, info["endCursor"] if info["hasNextPage"] else None


READERS: tuple[type[Reader], ...] = (ShopifyReader, HubSpotReader, ShipHeroReader)
