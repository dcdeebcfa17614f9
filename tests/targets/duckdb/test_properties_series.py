"""What must hold for any series of messages: states, files of records, sweeps of ids."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.targets.duckdb.support import (
    BOOLEAN,
    INTEGER,
    TEXT,
    TIME,
    examples,
    fresh,
    record,
    schema,
    state,
)

any_text = st.text(st.characters(codec="utf-8"), max_size=6)
batch_sizes = st.integers(1, 7)
pieces = st.sampled_from([30, 111, 1 << 20])


# States


@examples(20)
@given(
    steps=st.lists(st.sampled_from(["record", "record", "state", "misfit"]), max_size=14),
    batch_rows=batch_sizes,
    piece=pieces,
)
def test_a_state_goes_out_when_all_before_it_is_loaded(
    steps: list[str], batch_rows: int, piece: int
) -> None:
    messages: list[Any] = [schema(keys=[], n=INTEGER)]
    sent = []
    before = 0
    for step in steps:
        if step == "state":
            sent.append(before)
            messages.append(state(before))
        else:
            messages.append(record(n=before if step == "record" else 0.5))
            before += 1
    with fresh() as load:
        load(*messages, batch_rows=batch_rows, piece=piece)
        acknowledged = [each["bookmarks"] for each in load.states]
        log = load.query(
            "select state->>'$.bookmarks', sum(records + quarantined)"
            " from _crossdock.load_log group by load_id, state order by load_id"
        )
    assert acknowledged[-1:] == sent[-1:]
    assert acknowledged == sorted(set(acknowledged))
    assert set(acknowledged) <= set(sent)
    loaded = 0
    for text, records in log:
        loaded += records
        assert text is None or int(text) <= loaded
    assert loaded == before


# Files of records


@examples(15)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.one_of(any_text, st.none(), st.just(0.5)))),
    cuts=st.lists(st.integers(0, 30), max_size=3),
    zipped=st.booleans(),
    batch_rows=batch_sizes,
)
def test_records_by_file_and_by_pipe_leave_the_same(
    rows: list[tuple[int, Any]], cuts: list[int], zipped: bool, batch_rows: int
) -> None:
    records = [{"id": str(key), "v": value} for key, value in rows]
    ends = [0, *sorted(min(cut, len(records)) for cut in cuts), len(records)]
    with fresh() as piped, fresh() as filed:
        piped(schema(v=TEXT), *(record(**each) for each in records), batch_rows=batch_rows)
        messages: list[Any] = [schema(v=TEXT)]
        for start, end in pairwise(ends):
            file = filed.path.with_name(f"{start}-{end}.jsonl")
            text = b"".join(json.dumps(each).encode() + b"\n" for each in records[start:end])
            file.write_bytes(gzip.compress(text) if zipped else text)
            encoding = {"format": "jsonl", "compression": "gzip" if zipped else "none"}
            manifest = [file.as_uri()]
            messages.append(
                {"type": "BATCH", "stream": "orders", "encoding": encoding, "manifest": manifest}
            )
        filed(*messages, batch_rows=batch_rows)
        assert filed.rows() == piped.rows()
        kept = "select reason, record_key from raw_shop_main._quarantine order by all"
        assert filed.query(kept) == piped.query(kept)


# Absence


def moment(minute: int, second: int) -> str:
    return f"2026-11-23T09:{minute:02}:{second:02}Z"


@examples(15)
@given(
    readings=st.lists(
        st.tuples(
            st.sets(st.sampled_from("abcd")),  # records that it brings
            st.one_of(st.none(), st.sets(st.sampled_from("abcd"))),  # ids that it sweeps
            st.booleans(),  # whether an id was lost on the way
        ),
        min_size=1,
        max_size=4,
    ),
    batch_rows=batch_sizes,
)
def test_a_row_is_marked_exactly_if_a_whole_sweep_lacks_it(readings: Any, batch_rows: int) -> None:
    there: dict[str, bool] = {}
    ids = schema("_crossdock_ids", keys=[], run_id=TEXT, stream=TEXT, key=TEXT)
    names: dict[str, Any] = dict.fromkeys(("count", "swept_count"), INTEGER)
    names |= dict.fromkeys(("full", "swept"), BOOLEAN) | {"started_at": TIME}
    ends = schema("_crossdock_end", keys=["run_id", "stream"], run_id=TEXT, stream=TEXT, **names)
    with fresh() as load:
        for number, (brought, swept, lost) in enumerate(readings):
            own = {"run_id": f"r{number}", "stream": "orders"}
            messages = [schema(_crossdock_read_at=TIME), ids, ends]
            messages += [
                record(id=key, _crossdock_read_at=moment(number, 5)) for key in sorted(brought)
            ]
            messages += [record("_crossdock_ids", **own, key=key) for key in sorted(swept or ())]
            end = {"count": len(brought), "full": False, "swept": swept is not None}
            end["swept_count"] = None if swept is None else len(swept) + lost
            messages.append(record("_crossdock_end", **own, **end, started_at=moment(number, 1)))
            load(*messages, batch_rows=batch_rows, piece=200)
            there.update(dict.fromkeys(brought, True))
            strange = swept and there and not swept & there.keys()
            if swept is not None and not lost and not strange:
                there.update({key: key in swept for key in there if key not in brought})
        assert load.deleted() == sorted(key for key, alive in there.items() if not alive)
