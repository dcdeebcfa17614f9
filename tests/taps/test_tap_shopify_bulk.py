"""A first reading by bulk operation brings the very tables that pages bring."""

from __future__ import annotations

import json
import random
from datetime import datetime

import httpx
import pytest
from played import TapShopify, played
from shop import ORDERS, asked_by, loaded, read_shop, rich_world, rows_of

from crossdock import settings
from crossdock.http.errors import ApiError, VendorDown
from crossdock.http.retry import Retry
from taps.shopify import backfill, bulk, fold, streams
from taps.shopify.download import Download
from taps.shopify.fold import Fold
from taps.shopify.order_streams import Orders
from taps.shopify.reader import Nested

BULK_STREAMS = {stream.name for stream in streams.STREAMS if stream.bulk_shell}


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))
    monkeypatch.setattr(bulk, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)
    with played(rich_world()) as running:
        running.advance(hours=5)
        running.edit(
            "shopify",
            "order",
            number="1007",
            set={"return": {"lines": {"1": 1}, "reason": "DEFECTIVE"}},
        )
        running.advance(minutes=3)
        yield running


def batches(read):
    return {message["stream"] for message in read.messages if message["type"] == "BATCH"}


def test_both_ways_give_equal_tables(sandbox):
    paged = read_shop(sandbox, bulk="never")
    filed = read_shop(sandbox, bulk="always")
    assert batches(paged) == set()
    assert batches(filed) == BULK_STREAMS
    tables = loaded(filed)
    assert len(tables["orders"]) == ORDERS
    assert len(tables["returns"]) == 1
    for stream in streams.STREAMS:
        assert tables.get(stream.name) == loaded(paged).get(stream.name), stream.name
        for key, record in tables.get(stream.name, {}).items():
            # To the letter: a loader compares texts.
            other = loaded(paged)[stream.name][key]
            assert {k: json.dumps(v) for k, v in record.items()} == {
                k: json.dumps(v) for k, v in other.items()
            }
    assert {name: end["count"] for name, end in filed.ends.items()} == {
        name: end["count"] for name, end in paged.ends.items()
    }


def test_rows_of_files_count_as_seen_by_this_reading(sandbox):
    """Else the loader would take them for deleted: what it has seen is what was read since."""
    read = read_shop(sandbox, bulk="always")
    for message in read.messages:
        if message["type"] == "BATCH":
            began = datetime.fromisoformat(read.ends[message["stream"]]["started_at"])
            for row in (row for uri in message["manifest"] for row in rows_of(uri)):
                assert datetime.fromisoformat(row["_crossdock_read_at"]) >= began


def test_many_buckets_give_what_one_gives(sandbox, monkeypatch):
    one = loaded(read_shop(sandbox, bulk="always"))
    original = Fold.buckets
    monkeypatch.setattr(Fold, "buckets", lambda self, path: original(self, path, 2_000))
    read = read_shop(sandbox, bulk="always")
    assert sum(m["type"] == "BATCH" and m["stream"] == "orders" for m in read.messages) > 20
    assert loaded(read) == one


def test_what_was_not_selected_is_not_in_the_files(sandbox):
    tap = sandbox.make(TapShopify, bulk="always")
    orders = tap.streams["orders"]
    for name in orders.schema["properties"]:
        orders.metadata[("properties", name)].selected = name in ("id", "name", "lineItems")
    asked = asked_by(orders)
    (part,) = orders.read(None).parts
    page = next(part.pages)
    lines = [json.loads(line) for line in page.path.read_bytes().splitlines()]
    assert len(lines) == page.count == ORDERS
    assert set(lines[0]) <= {"id", "name", "updatedAt", "lineItems", "_crossdock_read_at"}
    assert "shippingAddress" not in next(v["query"] for q, v in asked if "Start" in q)


def test_reading_goes_on_from_when_the_operation_began(sandbox):
    first = read_shop(sandbox, bulk="always")
    sandbox.advance(minutes=2)
    sandbox.edit("shopify", "order", number="1004", set={"note": "later"})
    second = read_shop(sandbox, first.state, bulk="always")
    assert batches(second) == set()
    assert second.tables["orders"]["gid://shopify/Order/1004"]["note"] == "later"
    assert len(second.tables["orders"]) < 5


def test_what_changes_while_the_operation_runs_is_read_after_it(sandbox, monkeypatch):
    original = backfill.BulkOperation.run

    def run(self):
        result = original(self)
        if self._stream == "orders":
            sandbox.edit("shopify", "order", number="1004", set={"note": "meanwhile"})
        return result

    monkeypatch.setattr(backfill.BulkOperation, "run", run)
    tables = loaded(read_shop(sandbox, bulk="always"))
    assert tables["orders"]["gid://shopify/Order/1004"]["note"] == "meanwhile"
    assert len(tables["orders"]) == ORDERS


def test_only_first_readings_of_much_are_done_so(sandbox, monkeypatch):
    assert batches(read_shop(sandbox)) == set()
    monkeypatch.setattr(backfill, "WORTH_SECONDS", 0.5)  # 500 points, at what this shop gives
    first = read_shop(sandbox)
    assert batches(first) >= {"orders"}
    assert "customers" not in batches(first)
    assert batches(read_shop(sandbox, first.state)) == set()


def test_operation_that_fails_is_read_page_by_page(sandbox, caplog):
    expected = loaded(read_shop(sandbox, bulk="never"))
    sandbox.faults({"vendor": "shopify", "kind": "down", "match": "bulk.run"})
    read = read_shop(sandbox, bulk="always")
    assert batches(read) == set()
    assert loaded(read) == expected
    assert "INTERNAL_SERVER_ERROR" in caplog.text
    assert "page by page" in caplog.text
    assert not list((settings.load().state_dir / "batches").glob("*"))


def test_more_lists_than_an_operation_takes_are_read_page_by_page(sandbox, monkeypatch, caplog):
    monkeypatch.setattr(backfill, "MAX_BULK_CONNECTIONS", 2)
    read = read_shop(sandbox, bulk="always")
    assert batches(read) == BULK_STREAMS - {"orders", "returns"}
    assert "more than a bulk operation may ask for" in caplog.text


def test_running_operation_of_a_run_that_was_cut_short_is_taken_up(sandbox):
    stream = sandbox.make(TapShopify).streams["customers"]
    sandbox.faults({"vendor": "shopify", "kind": "slow", "seconds": 0.6, "match": "bulk.run"})
    document = "{ customers { edges { node { __typename id } } } }"
    first = bulk.BulkOperation(stream.client, "customers", document, lambda _: False)
    assert first.run() is None  # told to end while it runs
    asked = asked_by(stream)
    second = bulk.BulkOperation(
        stream.client, "customers", document, lambda s: backfill.wait(s, lambda: False)
    )
    result = second.run()
    assert result is not None and result.url is not None
    assert not any("mutation" in text for text, _ in asked)


def test_busy_shop_is_waited_for(sandbox, monkeypatch):
    stream = sandbox.make(TapShopify).streams["customers"]
    answers = iter(["OPERATION_IN_PROGRESS", "LIMIT_REACHED", None])
    original = stream.client.query

    def query(document, variables=None, **options):
        if "mutation" in document and (code := next(answers)):
            error = {"field": None, "message": "busy", "code": code}
            payload = {"bulkOperation": None, "userErrors": [error]}
            answer = original(bulk.RUNNING, {}, stream="customers", cost=12)
            return type(answer)({"bulkOperationRunQuery": payload}, {}, answer.sent_at)
        return original(document, variables, **options)

    stream.client.query = query
    document = "{ customers { edges { node { __typename id } } } }"
    operation = bulk.BulkOperation(
        stream.client, "customers", document, lambda s: backfill.wait(s, lambda: False)
    )
    assert operation.run() is not None
    monkeypatch.setattr(bulk, "PATIENCE", -1.0)
    answers = iter(["LIMIT_REACHED"] * 3)
    with pytest.raises(bulk.BulkFailed, match="busy"):
        operation.run()


# The file


def shuffled_lines():
    lines = []
    for n in range(50):
        lines.append({"__typename": "Order", "id": f"O{n}", "price": 1.10})
        for m in range(n % 4):
            lines.append({"__typename": "LineItem", "id": f"L{n}-{m}", "__parentId": f"O{n}"})
        lines.append({"__typename": "ManualDiscountApplication", "index": 0, "__parentId": f"O{n}"})
        lines.append({"__typename": "Shop", "id": f"S{n}"})
    random.Random(5).shuffle(lines)
    return lines


def folded(path, bucket):
    lists = (
        Nested("lineItems", "order", "", 0, ("LineItem",)),
        Nested("discounts", "order", "", 0, ("ManualDiscountApplication",)),
    )
    made = Fold("Order", lists, lambda r: r, keep_kind=frozenset({"discounts"}))
    buckets = made.buckets(path, bucket)
    return {record["id"]: record for each in buckets for record in made.records(each)}


@pytest.mark.parametrize("bucket", [1 << 20, 500, 100])
def test_children_find_their_parents_in_any_order(tmp_path, bucket):
    path = tmp_path / "result"
    path.write_text("\n".join(json.dumps(line) for line in shuffled_lines()) + "\n")
    records = folded(path, bucket)
    assert len(records) == 50
    for n in range(50):
        record = records[f"O{n}"]
        assert sorted(i["id"] for i in record["lineItems"]) == [f"L{n}-{m}" for m in range(n % 4)]
        assert record["discounts"] == [{"index": 0, "__typename": "ManualDiscountApplication"}]
        assert str(record["price"]) == "1.1"


def test_child_without_a_parent_is_an_error(tmp_path):
    path = tmp_path / "result"
    path.write_text('{"__typename": "LineItem", "id": "L", "__parentId": "O"}\n')
    with pytest.raises(ApiError, match="belongs to a Order"):
        folded(path, fold.BUCKET)


class Breaking(httpx.BaseTransport):
    """Sends some bytes of a file, then breaks off; ranges are honoured or not."""

    def __init__(self, content, piece, ranges=True):
        self.content, self.piece, self.ranges = content, piece, ranges
        self.requests = []

    def handle_request(self, request):
        self.requests.append(request)
        asked = request.headers.get("Range")
        start = int(asked[6:-1]) if asked and self.ranges else 0
        stop = min(len(self.content), start + self.piece)

        def body():
            yield self.content[start:stop]
            if stop < len(self.content):
                raise httpx.ReadError("reset")

        class Stream(httpx.SyncByteStream):
            def __iter__(self):
                return body()

        return httpx.Response(206 if start else 200, stream=Stream())


def fetched(transport, path, size, tries=5):
    Download(
        "https://files.example.com/result.jsonl?signature=secret",
        size,
        stream="orders",
        pause=lambda _: True,
        transport=transport,
        retry=Retry(tries=tries),
    ).to(path)


def test_download_goes_on_where_it_broke_off(tmp_path):
    content = bytes(range(256)) * 40
    transport = Breaking(content, 3_000)
    fetched(transport, tmp_path / "f", len(content))
    assert (tmp_path / "f").read_bytes() == content
    ranges = [request.headers.get("Range") for request in transport.requests]
    assert ranges == [None, "bytes=3000-", "bytes=6000-", "bytes=9000-"]
    assert not any("x-shopify-access-token" in request.headers for request in transport.requests)


def test_download_without_ranges_begins_again_and_gives_up_in_the_end(tmp_path):
    content = b"x" * 10_000
    with pytest.raises(VendorDown, match="does not come whole") as caught:
        fetched(Breaking(content, 3_000, ranges=False), tmp_path / "f", len(content))
    assert "secret" not in str(caught.value)


def test_file_that_is_gone_is_an_error_at_once(tmp_path):
    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    with pytest.raises(ApiError, match="is gone"):
        fetched(transport, tmp_path / "f", 10)


def test_orders_keep_the_kind_of_their_discounts():
    assert Orders.keep_kind == {"discountApplications"}
