"""Keys that became others since the journal heard of them.

Which those are, a dbt model says (`meta.sync.key_moves`), in rows of (destination_instance,
destination_id, from_key, to_key, to_destination_id). A row with a destination's record is about
that record; one without is about whatever else the journal knows by the key.
"""

from __future__ import annotations

from crossdock.journal.moves import Move, Moves
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident


def find(sync: Sync, destination: str, warehouse: Warehouse) -> Moves:
    """What moves, from what the model says and the journal knows; nothing is written.

    It reads the registered relations `journal_acknowledged` and `journal_open`. Where several
    records of the destination come to stand for one key, one stays: that which the sync names,
    else the one that had the key. The others are left alone.
    """
    if sync.key_moves is None:
        return Moves()
    values = {"instance": destination}
    moves = [Move(*row) for row in warehouse.fetchall(_acknowledged(sync), values)]
    leaving = {move.key: move for move in moves}
    held = {row[0] for row in warehouse.fetchall("select key from journal_acknowledged")}
    taken = held - set(leaving) | {m.to_key for m in moves if not m.retired}
    waiting = {}
    for key, to_key in warehouse.fetchall(_open(sync), values):
        move = leaving.get(key)
        if move is not None and not move.retired and move.key != move.to_key:
            waiting[key] = move.to_key  # it goes with its record
        elif key not in held and to_key not in (None, key) and to_key not in taken:
            waiting[key] = to_key  # perhaps it is there: nobody must create it again
    return Moves(moves, waiting)


def _relation(sync: Sync) -> str:
    assert sync.key_moves is not None  # noqa: S101
    return f"""(
        select * from {ident(*sync.key_moves)}
        where destination_instance is null or destination_instance = $instance
    )"""


def _acknowledged(sync: Sync) -> str:
    return f"""
    with moves as {_relation(sync)}, targets as (
        select known.key, known.destination_id,
            coalesce(mine.to_key, others.to_key, known.key) as to_key,
            coalesce(mine.to_destination_id, known.destination_id) as to_destination_id
        from journal_acknowledged known
        left join moves mine
            on mine.from_key = known.key and mine.destination_id = known.destination_id
        left join moves others on others.from_key = known.key and others.destination_id is null
    ), concerned as (
        select distinct to_key from targets
        where to_key <> key or to_destination_id <> destination_id
    ), ranked as (
        select targets.*, row_number() over (
            partition by targets.to_key
            order by targets.to_destination_id = desired.destination_id desc nulls last,
                targets.key = targets.to_key desc, targets.key
        ) as place
        from targets
        inner join concerned using (to_key)
        left join {ident(*sync.relation)} desired
            on cast(desired.{ident(sync.key)} as varchar) = targets.to_key
            and desired.destination_instance = $instance
    )
    select key, to_key, destination_id, to_destination_id, place > 1
    from ranked
    where place > 1 or key <> to_key or destination_id <> to_destination_id
    order by key
    """


def _open(sync: Sync) -> str:
    return f"""
    select waiting.key, moves.to_key
    from journal_open waiting
    left join {_relation(sync)} moves
        on moves.from_key = waiting.key and moves.destination_id is null
    order by waiting.key
    """
