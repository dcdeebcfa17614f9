"""A town register made up: people with households, and what shops and a CRM know of each.

Names and streets come from the project's dictionaries and from Faker's lists; common names are
common. A third of the records say something differently from what they should: an abbreviation, a
slip, a part that is missing, another address, an old phone.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pyarrow as pa
from faker import Faker

from benchmarks.identity_dbt import COLUMNS, PROJECT
from crossdock.warehouse import memory

if TYPE_CHECKING:
    from crossdock.warehouse import Warehouse

CUSTOMERS, CONTACTS, GUESTS = 400_000, 300_000, 100_000
_KINDS = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Place", "Way")
_DOMAINS = ("gmail.com", "outlook.com", "yahoo.com", "posteo.example", "web.example", "me.com")
_STATES = ("CA", "TX", "NY", "OH", "IL", "WA", "GA", "CO")


def _names() -> list[str]:
    with (PROJECT / "seeds" / "identity" / "given_names.csv").open() as lines:
        return [row["given_name"].title() for row in csv.DictReader(lines)]


def _lists(warehouse: Warehouse) -> None:
    """Words to choose from, as one-row tables of lists."""
    Faker.seed(1)
    fake = Faker("en_US")
    surnames = list(dict.fromkeys(fake.last_name() for _ in range(8_000)))
    cities = list(dict.fromkeys(fake.city() for _ in range(4_000)))[:1_500]
    for name, words in (
        ("given", _names()), ("surnames", surnames), ("cities", cities),
        ("kinds", list(_KINDS)), ("domains", list(_DOMAINS)), ("states", list(_STATES)),
    ):  # fmt: skip
        warehouse.register(f"words_{name}", pa.table({"words": [words]}))


# A number from 0 up to 1 that depends on person and purpose alone; `skewed` prefers small ones.
_DICE = """
    create or replace macro dice(n, what) as hash(n, what) % 1000003 / 1000003.0;
    create or replace macro pick(list, u) as list[1 + cast(floor(u * len(list)) as integer)];
    create or replace macro slip(word, u) as
        case when length(word) < 4 then word
        when u < 0.5 then word[:1 + cast(floor(u * 2 * (length(word) - 2)) as integer)]
            || word[3 + cast(floor(u * 2 * (length(word) - 2)) as integer):]
        else word[:2] || word[2] || word[3:] end;
"""
_PERSONS = """
    create table persons as
    with homes as (
        select
            n,
            -- Every sixth lives with the one before, and most of these share the name.
            if(n % 6 = 5, n - 1, n) as home,
            if(n % 6 = 5 and dice(n, 'wed') < 0.7, n - 1, n) as family
        from range(?) as numbers(n)
    )
    select
        n,
        pick(given.words, pow(dice(n, 'given'), 2)) as first_name,
        pick(surnames.words, pow(dice(family, 'surname'), 2))
            || if(dice(family, 'double') < 0.35,
                '-' || pick(surnames.words, dice(family, 'second')), '') as last_name,
        cast(1 + floor(pow(dice(home, 'number'), 2) * 900) as integer) as number,
        pick(surnames.words, dice(home, 'street')) || ' ' || pick(kinds.words, dice(home, 'kind'))
            as street,
        if(dice(home, 'unit') < 0.2, 'Apt ' || cast(1 + home % 40 as varchar), null) as line2,
        pick(cities.words, pow(dice(home, 'city'), 2)) as city,
        pick(states.words, dice(home, 'state')) as region,
        printf('%05d', 10000 + cast(floor(pow(dice(home, 'city'), 2) * 40000) as integer) * 2
            + cast(floor(dice(home, 'zip') * 8) as integer)) as postal_code,
        if(dice(n, 'firm') < 0.05, pick(surnames.words, dice(n % 9000, 'firm')) || ' Inc.', null)
            as company
    from homes, words_given as given, words_surnames as surnames, words_kinds as kinds,
        words_cities as cities, words_states as states
"""
_RECORDS = """
    with dealt as (
        select
            r,
            case when r < $customers then 'customer'
                when r < $customers + $contacts then 'contact' else 'order' end as kind,
            -- The CRM knows two thirds of the shop's customers; guests are half of them known.
            case when r < $customers then cast(floor(r / 1.06) as bigint)
                when r < $customers + $contacts
                    then cast(floor((r - $customers) * 1.3) as bigint) + $customers // 4
                else cast(floor((r - $customers - $contacts) * 4.0) as bigint) + $customers // 2
            end % $persons as person,
            dice(r, 'change') as change
        from range($first, $last) as numbers(r)
    )
    select
        kind,
        cast(r as varchar) as id,
        timestamptz '2020-01-01' + to_seconds(cast(r * 97 % 150000000 as bigint)) as created_at,
        case
            when dice(r, 'mail') < 0.08 then null
            when dice(r, 'mail') < 0.14 then 'info@' || lower(replace(last_name, '-', ''))
                || '.example'
            else lower(first_name || '.' || replace(last_name, '-', ''))
                || if(dice(r, 'mail') < 0.24, cast(r % 999 as varchar), cast(n % 97 as varchar))
                || '@' || pick(domains.words, dice(n, 'domain'))
        end as email,
        case
            when dice(r, 'phone') < 0.4 then null
            when dice(r, 'phone') < 0.95
                then printf('+1 %d %07d', 201 + n % 700, 2000000 + n * 7919 % 7999999)
            else printf('+1 %d %07d', 201 + r % 700, 2000000 + r * 7907 % 7999999)
        end as phone,
        case when change between 0.10 and 0.12 then slip(first_name, dice(r, 'slip'))
            when change between 0.12 and 0.13 then null else first_name end as first_name,
        case when change between 0.13 and 0.16 then slip(last_name, dice(r, 'slip'))
            else last_name end as last_name,
        company,
        case
            when dice(r, 'moved') < 0.06 then cast(number + 7 as varchar) || ' Old '
                || pick(kinds.words, dice(r, 'kind'))
            when change between 0.16 and 0.22 then cast(number as varchar) || ' '
                || slip(street, dice(r, 'slip'))
            when change between 0.22 and 0.32 then cast(number as varchar) || ' '
                || replace(replace(replace(street, 'Street', 'St.'), 'Avenue', 'Ave'), 'Road', 'Rd')
            else cast(number as varchar) || ' ' || street
        end as line1,
        if(change between 0.32 and 0.36, null, line2) as line2,
        case when change between 0.36 and 0.38 then slip(city, dice(r, 'slip')) else city end
            as city,
        region,
        case when change between 0.38 and 0.40
            then postal_code[1] || postal_code[3] || postal_code[2] || postal_code[4:]
            else postal_code end as postal_code,
        'US' as country,
        cast(n as varchar) as truth
    from dealt
    inner join persons on dealt.person = persons.n
    cross join words_domains as domains
    cross join words_kinds as kinds
"""


def register(
    customers: int = CUSTOMERS, contacts: int = CONTACTS, guests: int = GUESTS,
    *, first: int = 0, more: int = 0,
) -> pa.Table:  # fmt: skip
    """Records with the column `truth`; those from number `first` on, and `more` beyond the last."""
    persons = customers + customers // 2
    bounds = {"customers": customers, "contacts": contacts, "persons": persons}
    with memory() as warehouse:
        _lists(warehouse)
        warehouse.execute(_DICE)
        warehouse.execute(_PERSONS, [persons])
        bounds |= {"first": first, "last": customers + contacts + guests + more}
        table = warehouse.fetch_arrow(_RECORDS, bounds)
    return table.select([*COLUMNS, "truth"])


def changes(records: pa.Table, changed: int, new: int = 0) -> pa.Table:
    """Some of the records, each now saying what another one said, and some that are new."""
    every = max(1, records.num_rows // max(1, changed))
    taken = records.slice(0, changed * every)
    spots = pa.array(range(0, changed * every, every))
    others = pa.array([(spot + 7) % records.num_rows for spot in range(0, changed * every, every)])
    kept, said = taken.take(spots), records.take(others)
    names = [*COLUMNS, "truth"]
    now = [kept[n] if n in ("kind", "id", "created_at") else said[n] for n in names]
    strangers = records.slice(0, new)
    fresh = [
        pa.array([f"new-{number}" for number in range(new)]) if n == "id" else strangers[n]
        for n in names
    ]
    return pa.concat_tables(
        [pa.table(now, names=names), pa.table(fresh, names=names)], promote_options="default"
    )
