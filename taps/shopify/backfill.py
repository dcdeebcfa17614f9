"""A first reading by bulk operation: the shop's file becomes files for the loader."""

from __future__ import annotations

import gc
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.http.errors import ApiError
from crossdock.tap import BatchPage, Page, Part, Record
from crossdock.tap.progress import VALUE
from crossdock.tap.schema import READ_AT
from crossdock.tap.writer import LONGEST_RECORD, encode
from taps.shopify.bulk import BulkFailed, BulkOperation, Result
from taps.shopify.documents import MAX_BULK_CONNECTIONS, bulk, without
from taps.shopify.download import Download
from taps.shopify.fold import Fold
from taps.shopify.windows import Window, whole

if TYPE_CHECKING:
    from taps.shopify.base import ShopifyStream

logger = logging.getLogger("tap-shopify")

WORTH_SECONDS = 30.0
"""Seconds that our points would have to drip in for the pages; with more, `bulk: auto` has the
shop write a file, which costs next to none."""

_POLL = 0.2


class Backfill:
    """The first reading of one stream.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: ShopifyStream) -> None:
        self._stream = stream
        self._mode = str(stream.config.get("bulk") or "auto")

    def pays(self, window: Window) -> bool:
        """Whether this is a first reading, and of enough records."""
        stream = self._stream
        if stream.bulk_shell is None or self._mode == "never" or stream.stream_state.get(VALUE):
            return False
        if self._mode == "always":
            return True
        try:
            points = stream.size(window) * stream.points / stream.first_page
        except ApiError:
            return False  # who may not count reads page by page
        limiter = stream.client.limiter
        return limiter is not None and points > limiter.rate * WORTH_SECONDS

    def parts(self, window: Window) -> Iterator[Part] | None:
        """The records as files, and what changed meanwhile; None if that cannot be had."""
        stream = self._stream
        document, connections = self._document(window)
        if connections > MAX_BULK_CONNECTIONS:
            logger.warning(
                "tap-shopify: %s: %d lists are more than a bulk operation may ask for",
                stream.name,
                connections,
            )
            return None
        try:
            result = BulkOperation(stream.client, stream.name, document, self._pause).run()
            if result is None:
                return iter(())
            with _rare_collections():
                batches = list(self._batches(result))
        except (BulkFailed, ApiError) as error:
            logger.warning("%s; %s is read page by page instead", error, stream.name)
            return None
        stream.reader.began = result.began
        # What changed while the operation ran comes after its files, and so wins.
        later = stream.pages(Window(whole(result.began - stream.lag)))
        return iter((Part(chain[BatchPage | Page](batches, later)),))

    def _document(self, window: Window) -> tuple[str, int]:
        stream = self._stream
        assert stream.bulk_shell is not None  # noqa: S101 - `pays` has asked
        root = stream.records_root
        text = without(stream.wanted(stream.bulk_query, root), root, stream.reader.withheld.cut)
        return bulk(text, root, stream.bulk_shell, window.search)

    def _batches(self, result: Result) -> Iterator[BatchPage]:
        stream = self._stream
        if result.url is None:
            yield from ()
            return
        folder = stream.tap.batch_folder
        name = f"{stream.tap.instance.replace(':', '_')}-{stream.name}-{uuid.uuid4().hex}"
        source = folder / f"{name}.download"
        fold = Fold(stream.kind, stream.nested, stream.finish, keep_kind=stream.keep_kind)
        try:
            Download(result.url, result.size, stream=stream.name, pause=self._pause).to(source)
            for index, bucket in enumerate(fold.buckets(source)):
                target = folder / f"{name}-{index:03}.jsonl"
                count = self._write(fold.records(bucket), target, result)
                bucket.unlink()
                if count:
                    yield BatchPage(target, count, result.read_at, result.began)
                else:
                    target.unlink()
        except BaseException:
            for left in folder.glob(f"{name}*"):
                left.unlink(missing_ok=True)
            raise

    def _write(self, records: Iterator[Record], target: Path, result: Result) -> int:
        stream = self._stream
        read_at, count = result.read_at.isoformat(), 0
        with target.open("wb", 1 << 20) as file:
            for record in records:
                stream.reader.withheld.mark(record)
                stream.reader.withheld.count((record,))
                stream.leave_out_deselected(record)
                record[READ_AT] = read_at
                line = encode(record)
                if len(line) > LONGEST_RECORD:
                    stream.quarantine(
                        f"the record is {len(line) >> 20} MiB long, and 16 MiB is the most "
                        "that is loaded",
                        key=record["id"],
                    )
                    continue
                file.write(line)
                count += 1
        return count

    def _pause(self, seconds: float) -> bool:
        """Wait; False if we are told to end."""
        return wait(seconds, self._stream.tap.stopping)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """A bucket is millions of objects without cycles: looking for some takes half of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def wait(seconds: float, stopping: Callable[[], bool]) -> bool:
    """Wait that long, or until we are told to end; whether we may go on."""
    until = time.monotonic() + seconds
    while not stopping() and (left := until - time.monotonic()) > 0:
        time.sleep(min(_POLL, left))
    return not stopping()
