"""GraphQL over HTTP: one path, errors in the body of a 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from crossdock.http.client import ApiClient, sent_at, vendor_time
from crossdock.http.errors import Rejected
from crossdock.http.rules import Action, Explain, Rule, Rules, Wait, mapping


@dataclass(frozen=True)
class Answer:
    """The data of a query, and what came with it.

    Attributes:
        data: What was asked for.
        extensions: What the vendor adds, such as the cost.
        sent_at: Real time just before the request left.
        vendor_time: The vendor's clock at that moment, if it tells its time.
        errors: What was not answered, where the vendor's rules let the rest pass.
    """

    data: dict[str, Any]
    extensions: Mapping[str, Any]
    sent_at: datetime
    vendor_time: datetime | None = None
    errors: Sequence[Mapping[str, Any]] = ()


class GraphQLClient(ApiClient):
    """An `ApiClient` whose requests are GraphQL documents.

    Its rules should come from `graphql_rules`, which knows that a 200 can be a refusal.
    """

    graphql_path = "/graphql"

    def query(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        stream: str,
        cost: float = 1.0,
        write: bool = False,
    ) -> Answer:
        """Send a document; the answer has data and no errors.

        Raises:
            crossdock.http.errors.ApiError: As `request` does.
        """
        body = {"query": query, "variables": dict(variables or {})}
        response = self.request(
            "POST", self.graphql_path, stream=stream, json=body, cost=cost, write=write
        )
        content = mapping(response)
        data = content.get("data")
        if not isinstance(data, dict):
            raise Rejected(
                "the answer holds no data",
                connector=self.connector,
                stream=stream,
                path=self.graphql_path,
                status=response.status_code,
            )
        return Answer(
            data,
            content.get("extensions") or {},
            sent_at(response),
            vendor_time(response),
            errors_of(response),
        )

    def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        stream: str,
        cost: float = 1.0,
        write: bool = False,
    ) -> dict[str, Any]:
        """The data alone of `query`."""
        return self.query(query, variables, stream=stream, cost=cost, write=write).data


def errors_of(response: httpx.Response) -> Sequence[Mapping[str, Any]]:
    """The `errors` of a GraphQL answer; some vendors put a string or one object there."""
    errors = mapping(response).get("errors")
    if not errors:
        return ()
    items = errors if isinstance(errors, list) else [errors]
    return tuple(item if isinstance(item, dict) else {"message": str(item)} for item in items)


def error_codes(response: httpx.Response) -> set[str]:
    """The codes of the errors, wherever the vendor puts them, as text."""
    found: set[str] = set()
    for error in errors_of(response):
        extensions = error.get("extensions")
        inner = extensions.get("code") if isinstance(extensions, dict) else None
        found.update(str(code) for code in (error.get("code"), inner) if code is not None)
    return found


def explain_errors(response: httpx.Response) -> tuple[str, str | None]:
    """The messages and the first code of a GraphQL answer."""
    messages = [str(error.get("message", "")) for error in errors_of(response)]
    return "; ".join(message for message in messages if message), next(
        iter(sorted(error_codes(response))), None
    )


def graphql_rules(
    rows: Sequence[Rule] = (), *, explain: Explain = explain_errors, wait: Wait | None = None
) -> Rules:
    """A table in which errors in a body are refusals, after the vendor's own rows."""
    refused = Rule(lambda r: r.is_success and bool(errors_of(r)), Action.REJECT)
    return Rules((*rows, refused), explain=explain, wait=wait)
