"""Desired, observed and acknowledged, compared set by set in SQL.

The steps are temporary tables: `desired`, `observed`, `matched` (which record of the
destination is meant), and then, portion by portion, `compared` (each field's three values made
comparable) and `decided` (what follows for each row). With a memo the first two hold only the rows
that it does not speak for, and the records that these could mean.
"""

from __future__ import annotations

import json

from crossdock.plan.definition import Field, Sync
from crossdock.plan.memo import Memo, fingerprint
from crossdock.plan.normalise import comparable
from crossdock.warehouse import ident, literal

#: Rules by which a row can be kept from an operation, in order.
BLOCKS = (
    "dead_letter",
    "parked",
    "in_flight",
    "gone",
    "claimed_twice",
    "ambiguous",
    "unobserved",
    "drift",
)

_MAY_CREATE = ("upsert", "create_only", "append", "mirror")
_MAY_UPDATE = ("upsert", "update_only", "mirror")


PORTION = 100_000
"""Rows that are compared at once: each field of each has three values and more."""


def desired(sync: Sync, memo: Memo | None) -> str:
    """The SQL that fills `desired`; `$instance` is the destination."""
    if memo is None:
        return f"create or replace temp table desired as {_desired(sync)}"
    return f"""
    create or replace temp table desired as
    with given as ({_desired(sync)}), seen as ({_seen(sync)}),
    settled as ({memo.settled("touched")})
    select given.* from given left join settled on given."$key" = settled.key
    where settled.dh is distinct from given."$dh"
    """


def observed(sync: Sync, memo: Memo | None) -> str:
    """The SQL that fills `observed`, once `journal_acknowledged` knows the desired keys."""
    if memo is None:
        return f"create or replace temp table observed as {_observed(sync, '')}"
    known = """
        select destination_id from journal_acknowledged
        where key in (select "$key" from desired)
        union all select "$known_id" from desired where "$known_id" is not null
    """
    either = [f"cast(destination_id as varchar) in ({known})"]
    either += [
        f"cast({ident(name)} as varchar) in (select {ident(name)} from unmet)"
        for name in sync.match_on
    ]
    return f"""
    create or replace temp table observed as
    with unmet as (
        select * from desired
        where "$known_id" is null and "$key" not in (select key from journal_acknowledged)
    )
    {_observed(sync, f"and ({' or '.join(either)})")}
    """


def matched(sync: Sync) -> list[str]:
    """The SQL that fills `matched`, from `journal_acknowledged` (key, destination_id,
    acknowledged_at, fields) and `journal_open` (key, op_key, state), and then `claims`."""
    return [_matched(sync), _CLAIMS]


def decided(sync: Sync, first: int, last: int) -> list[str]:
    """The SQL that fills `decided` with this portion of `matched`."""
    return [_compared(sync, first, last), _decided(sync)]


def ref_field(name: str) -> str:
    """The name under which acknowledged fields keep the parent's key of a reference."""
    return f"@{name}"


def _columns(sync: Sync) -> list[str]:
    names = [field.name for field in sync.fields]
    names += [name for name in sync.match_on if name not in names]
    return names


def _read_back(sync: Sync) -> list[str]:
    """The columns of what the destination holds."""
    told = {field.name for field in sync.fields if not field.is_read_back}
    return [name for name in _columns(sync) if name not in told]


def _signed(sync: Sync) -> list[str]:
    """The columns of desired state on which a plan depends."""
    return [*_columns(sync), "destination_id", *(key for _, key in sync.refs.values())]


def _desired(sync: Sync) -> str:
    columns = [f"cast({ident(name)} as varchar) as {ident(name)}" for name in _columns(sync)]
    refs = [
        f"cast({ident(key)} as varchar) as {ident(ref_field(name))}"
        for name, (_, key) in sync.refs.items()
    ]
    return f"""
    select cast({ident(sync.key)} as varchar) as "$key",
        cast(destination_id as varchar) as "$known_id",
        {fingerprint(_signed(sync))} as "$dh",
        {", ".join(columns + refs)}
    from {ident(*sync.relation)}
    where destination_instance = $instance
    """


def _seen(sync: Sync) -> str:
    return f"""
    select cast(destination_id as varchar) as id, read_at, coalesce(is_gone, false) as gone,
        {fingerprint(_read_back(sync))} as oh
    from {ident(*sync.observed)}
    where destination_instance = $instance
    """


def _observed(sync: Sync, condition: str) -> str:
    read_back = _read_back(sync)
    columns = [
        f"cast({ident(name) if name in read_back else 'null'} as varchar) as {ident(name)}"
        for name in _columns(sync)
    ]
    return f"""
    select cast(destination_id as varchar) as "$id", read_at as "$read_at",
        coalesce(is_gone, false) as "$gone", {fingerprint(read_back)} as "$oh",
        {", ".join(columns)}
    from {ident(*sync.observed)}
    where destination_instance = $instance {condition}
    qualify row_number() over (partition by destination_id order by read_at desc) = 1
    """


def _matched(sync: Sync) -> str:
    joins, found, doubtful = [], [], []
    for number, column in enumerate(sync.match_on):
        name = f"by_{number}"
        joins.append(f"""
        left join (
            select {ident(column)} as value, min("$id") as id, count(*) as found
            from observed where not "$gone" and {ident(column)} is not null group by 1
        ) {name} on desired.{ident(column)} = {name}.value""")
        found.append(f"{name}.id")
        doubtful.append(f"coalesce({name}.found, 0) > 1")
    ids = ["acknowledged.destination_id", 'desired."$known_id"', *found]
    doubt = " or ".join(doubtful) or "false"
    return f"""
    create or replace temp table matched as
    select desired.*,
        acknowledged.key is not null as "$has_ack",
        acknowledged.acknowledged_at as "$ack_at",
        acknowledged.fields as "$ack",
        coalesce({", ".join(ids)}) as "$id",
        coalesce(acknowledged.destination_id, desired."$known_id") is null
            and ({doubt}) as "$ambiguous",
        waiting.op_key as "$op_key", waiting.state as "$op_state"
    from desired
    left join journal_acknowledged acknowledged on acknowledged.key = desired."$key"
    left join journal_open waiting on waiting.key = desired."$key"
    {"".join(joins)}
    """


# Of several rows that mean one record the first may have it; hardly ever is there a second.
_CLAIMS = """
    create or replace temp table claims as
    select "$key", row_number() over (partition by "$id" order by "$has_ack" desc, "$key") as claim
    from matched
    where "$id" in (
        select "$id" from matched where "$id" is not null group by "$id" having count(*) > 1
    )
    """


def _compared(sync: Sync, first: int, last: int) -> str:
    names = [*(field.name for field in sync.fields), *map(ref_field, sync.refs)]
    shape = literal(json.dumps(dict.fromkeys(names, "VARCHAR")))
    values: list[str] = []
    for number, field in enumerate(sync.fields):
        name = ident(field.name)
        held = f"held.{name}"
        values += [
            f"{comparable(f'matched.{name}', field.normalise)} as d{number}",
            f"{comparable(f'observed.{name}', field.normalise)} as o{number}",
            f"{comparable(held, field.normalise)} as a{number}",
            f"coalesce(list_contains(holds, {literal(field.name)}), false) as h{number}",
            f"observed.{name} as {ident('o:' + field.name)}",
            f"{held} as {ident('a:' + field.name)}",
        ]
    for number, name in enumerate(sync.refs):
        values.append(f"held.{ident(ref_field(name))} as r{number}")
    return f"""
    create or replace temp table compared as
    with matched as (
        select *, from_json("$ack", {shape}) as held, json_keys("$ack") as holds
        from temp.main.matched where rowid between {first} and {last}
    )
    select matched.* exclude (held, holds, "$ack"), observed."$id" is not null as "$seen",
        observed."$oh",
        coalesce(observed."$gone", false) as "$gone",
        observed."$id" is not null
            and (not "$has_ack" or observed."$read_at" > "$ack_at") as "$fresh",
        coalesce(claims.claim, 1) as "$claim",
        {", ".join(values)}
    from matched
    left join observed on observed."$id" = matched."$id"
    left join claims on claims."$key" = matched."$key"
    """


def _decided(sync: Sync) -> str:
    drifts = [_drift(n, f) for n, f in enumerate(sync.fields) if f.policy in ("own", "never_null")]
    changes = [_changed(n, f, sync.on_drift) for n, f in enumerate(sync.fields)]
    moved = [
        f"({ident(ref_field(name))} is not null and (\"$action\" <> 'update' "
        f"or r{number} is distinct from {ident(ref_field(name))}))"
        for number, name in enumerate(sync.refs)
    ]
    changed = [f"({change})" for change in changes]
    any_change = " or ".join(
        ["c" + str(n) for n in range(len(changes))] + [f"m{n}" for n in range(len(moved))]
    )
    return f"""
    create or replace temp table decided as
    with acting as (
        select *, case
            when "$id" is null then 'create'
            when not "$has_ack" then 'adopt'
            else 'update'
        end as "$action"
        from compared
    ), changing as (
        select *,
            {", ".join(f"coalesce({c}, false) as c{n}" for n, c in enumerate(changed))},
            {"".join(f"coalesce({m}, false) as m{n}, " for n, m in enumerate(moved))}
            coalesce({" or ".join(drifts) or "false"}, false) as "$drift"
        from acting
    ), judged as (
        select *, {any_change} as "$changes" from changing
    )
    select *, {_block(sync)} as "$block",
        case when "$op_state" = 'unknown' then true
            when "$action" = 'create' then {_yes(sync.write_mode in _MAY_CREATE)}
            when "$action" = 'adopt' then {_yes(sync.write_mode != "append")}
            else "$changes" and {_yes(sync.write_mode in _MAY_UPDATE)}
        end as "$wanted"
    from judged
    """


def _drift(number: int, field: Field) -> str:
    """Somebody else changed a field that we own, and not into what we want."""
    d, o, a = f"d{number}", f"o{number}", f"a{number}"
    wanted = f"{d} is not null and " if field.policy == "never_null" else ""
    return (
        f'({wanted}"$has_ack" and "$fresh" and h{number} and {o} is distinct from {a}'
        f" and {d} is distinct from {o})"
    )


def _changed(number: int, field: Field, on_drift: str) -> str:
    """Whether the operation sets this field."""
    d, o, a, held = f"d{number}", f"o{number}", f"a{number}", f"h{number}"
    current = f'case when "$fresh" or not {held} then {o} else {a} end'
    if field.policy == "on_create":
        return f"""{d} is not null and "$action" = 'create'"""
    if field.policy == "write_once":
        return f"""{d} is not null
            and ("$action" = 'create' or ("$action" = 'adopt' and {o} is null))"""
    if field.policy == "fill_empty":
        # Who emptied what we had filled in meant it, unless the sync says to overwrite.
        fills = "true" if on_drift == "overwrite" else f"(not {held} or {d} is distinct from {a})"
        return f"""{d} is not null
            and ("$action" = 'create' or (({current}) is null and {fills}))"""
    ours = f"(not {held} or {d} is distinct from {a})"
    moves = {
        "overwrite": f'({ours} or "$fresh")',
        "keep": ours,
        "flag": f"({ours} and not coalesce({_drift(number, field)}, false))",
    }[on_drift]
    given = f"{d} is not null and " if field.policy == "never_null" else ""
    return f"""{given}case "$action"
            when 'create' then {d} is not null
            when 'adopt' then {d} is distinct from {o}
            else {d} is distinct from ({current}) and {moves} end"""


def _block(sync: Sync) -> str:
    drift = """when "$drift" and not "$changes" then 'drift' """
    return f"""case
        when "$op_state" in ('dead_letter', 'parked', 'in_flight') then "$op_state"
        when "$op_state" = 'unknown' then null
        when "$gone" then 'gone'
        when "$id" is not null and "$claim" > 1 then 'claimed_twice'
        when "$ambiguous" then 'ambiguous'
        when "$action" = 'adopt' and not "$seen" then 'unobserved'
        {drift if sync.on_drift == "flag" else ""}
    end"""


def selection(sync: Sync) -> str:
    """The rows of `decided` that have an operation: what it sets, replaces and owns."""
    names = [field.name for field in sync.fields]
    refs = list(sync.refs)
    setting = [(n, ident(n), f"c{i}") for i, n in enumerate(names)]
    before = [(n, _current(i, n), f"c{i} and \"$action\" <> 'create'") for i, n in enumerate(names)]
    owned = [_owned(i, field) for i, field in enumerate(sync.fields)]
    owned += [
        (ref_field(n), ident(ref_field(n)), ident(ref_field(n)) + " is not null") for n in refs
    ]
    parents = [(n, ident(ref_field(n)), f"m{i}") for i, n in enumerate(refs)]
    match = [(n, ident(n), f"{ident(n)} is not null") for n in sync.match_on]
    return f"""
    select "$key" as key, "$action" as action, "$id" as destination_id,
        {_map(setting)} as set_json, {_map(before)} as before_json, {_map(owned)} as owned_json,
        {_map(parents)} as refs_json, {_map(match)} as match_json,
        "$drift" as drift, "$op_key" as op_key, "$op_state" as op_state
    from decided where "$block" is null and "$wanted" order by "$key"
    """


def _current(number: int, name: str) -> str:
    """What the destination holds: what was read since our last write, else that write."""
    fresh, ours = ident("o:" + name), ident("a:" + name)
    return f'case when "$fresh" or not h{number} then {fresh} else {ours} end'


def _owned(number: int, field: Field) -> tuple[str, str, str]:
    """What we may call ours once this has taken effect."""
    name, held = ident(field.name), ident("a:" + field.name)
    if field.policy in ("fill_empty", "write_once", "on_create"):
        return (
            field.name,
            f"case when c{number} then {name} else {held} end",
            f"c{number} or h{number}",
        )
    kept = f"case when c{number} or not h{number} then {name} else {held} end"
    if field.policy == "never_null":
        kept = f"coalesce({kept}, {held}, {ident('o:' + field.name)})"
    return field.name, kept, "true"


def _map(entries: list[tuple[str, str, str]]) -> str:
    """A JSON object of the entries (name, value, condition) whose condition holds."""
    if not entries:
        return "'{}'"
    rows = ", ".join(
        f"{{'k': {literal(name)}, 'v': {value}, 'on': coalesce({condition}, false)}}"
        for name, value, condition in entries
    )
    return (
        f"cast(to_json(map_from_entries(list_transform(list_filter([{rows}], lambda x: x.on),"
        " lambda x: {'k': x.k, 'v': x.v}))) as varchar)"
    )


def _yes(value: bool) -> str:
    return "true" if value else "false"
