"""Addresses that came as one text, in their parts: read once, kept until reader or names change.

Only what the text itself marks as parts is taken apart: lines, commas, a unit, a postal code of
its country. A text that can be read in two ways stays whole.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace

import pyarrow

READER = "1"
PARTS = ("line1", "line2", "city", "region", "postal_code", "country")
COLUMNS = pyarrow.schema(
    [(name, pyarrow.string()) for name in ("written_id", "reader")]
    + [("is_split", pyarrow.bool_())]
    + [(name, pyarrow.string()) for name in PARTS]
)
#: Where the region stands between city and postal code, by name or code, or behind them by its
#: code ("20121 Milano MI"). Elsewhere a name beside the postal code is the city's.
REGION_BY_NAME = ("US", "CA", "AU", "PR", "IN", "JP")
REGION_BY_CODE = ("IT", "BR", "MX")
#: Countries that postal code, or region and postal code, tell without their name.
TOLD_BY_POSTAL_CODE = ("GB", "CA", "US")
CITY_STATES = ("SG", "MC", "GI", "HK", "MO", "SM", "LU", "DJ")
UNIT = re.compile(
    r"(?:(?:apartment|apt|unit|suite|ste|flat|room|rm|floor|fl|level|building|bldg|appt)\b\.?\s*#?\s*"
    r"(?:\d{1,4}[a-z]?|[a-z]-?\d{0,4})|#\s*\d[\da-z-]{0,5})(?=$|[\s,])",
    re.I,
)
HOUSE = re.compile(r"\d|\bp\.?\s?o\.?\s?box\b|\bpostfach\b", re.I)
#: What a city's name does not end with, while a street's or a building's does.
NO_CITY = re.compile(
    r"st|street|str|ave|avenue|rd|road|ln|lane|dr|drive|blvd|boulevard|ct|pl|way|hwy|highway|pkwy|"
    r"strasse|weg|platz|allee|rue|via|calle|floor|building|bldg|house|tower|suite|unit|apt"
)
SPELLED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
APOSTROPHES = re.compile("['`\u2018\u2019\u00b4]")


def fold(text: str) -> str:
    """Text without case, accents and punctuation; words stay apart."""
    plain = unicodedata.normalize("NFD", text.lower().translate(SPELLED))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", APOSTROPHES.sub("", plain)))


@dataclass(frozen=True)
class Written:
    """An address as a source has it."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass
class Names:
    """What countries and regions are called, and how their postal codes look."""

    countries: dict[str, str] = field(default_factory=dict)
    regions: dict[tuple[str, str], str] = field(default_factory=dict)
    prefixes: dict[str, re.Pattern[str]] = field(default_factory=dict)
    patterns: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def country(self, text: str | None) -> str | None:
        """ISO code of a country's name."""
        return self.countries.get(fold(text)) if text else None

    def region(self, country: str | None, text: str | None) -> str | None:
        """ISO code of a region's name; a code stands for itself."""
        return self.regions.get((country, fold(text))) if country and text else None

    def is_postal_code(self, country: str, text: str) -> bool:
        """Whether a country writes its postal codes so, with or without the country's letters."""
        pattern = self.patterns.get(country)
        bare = re.sub(r"^[A-Za-z]{1,3}-(?=\d)", "", text).upper()
        return bool(pattern and (pattern.fullmatch(text.upper()) or pattern.fullmatch(bare)))

    def lies_in(self, postal_code: str, region_code: str | None) -> bool:
        """Whether the postal codes of a region begin so."""
        prefix = self.prefixes.get(region_code or "")
        return bool(prefix and prefix.match(postal_code))

    def is_american(self, text: str) -> bool:
        """Whether it names a state of the United States or a province of Canada."""
        return bool(self.region("US", text) or self.region("CA", text))


@dataclass(frozen=True)
class End:
    """What the end of a text said, and the pieces that are left before it."""

    left: tuple[str, ...]
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    beside: str | None = None
    """What stood in one piece with the postal code."""


def split(written: Written, names: Names) -> Written | None:
    """The parts of an address, or nothing where they can be told apart in no way or in two."""
    street: tuple[str, ...] = ()
    text = "\n".join(t for t in (written.line1, written.line2) if t)
    if written.city and (re.search(r"[\d,;\n|]", written.city) or names.country(written.city)):
        street, text = tuple(t for t in (written.line1, written.line2) if t), written.city
    pieces = tuple(p for t in re.split(r"[,;|\n\r]", text) if (p := " ".join(t.split()).strip(".")))
    end = _take_country(End(pieces), names, written.country)
    end = end and _take_postal_code(end, names)
    if end and end.left and not end.country:  # "United Kingdom, LE11 1UU"
        end = _take_country(end, names, written.country or end.country_code)
    end = end and _take_region(end, names, bool(street))
    end = end and _take_city(end, names, bool(street))
    lines = end and _lines(street or end.left, bool(end.postal_code))
    if not end or not lines or (street and end.left):
        return None
    found = Written(*lines, end.city, end.region, end.postal_code, end.country)
    return _joined(written, found, end.country_code, names)


def _take_country(end: End, names: Names, known: str | None) -> End | None:
    """A country's name at the end; "CA" and "Georgia" may be a state and are left alone."""
    if not end.left:
        return None
    given = names.country(known)
    words = end.left[-1].split()
    if len(words) == 2 and (found := _city_state(words, names)):
        return replace(found, left=(*end.left[:-1], *found.left))
    for count in range(len(words), 0, -1):
        name, before = " ".join(words[-count:]), " ".join(words[:-count])
        code = names.country(name)
        is_word = len(name) > 3 or name.isupper() or fold(name) in ("uk", "usa")
        if not code or not is_word or (before and not HOUSE.search(before)):
            continue
        if given != code and names.is_american(name) and code != "PR":
            is_state = len(name) == 2 or given in ("US", "CA")
            return replace(end, country_code=given) if is_state else None
        if given not in (None, code):
            return None
        left = end.left[:-1] + ((before,) if before else ())
        return replace(end, left=left, country=name, country_code=code)
    return replace(end, country_code=given)


def _city_state(words: list[str], names: Names) -> End | None:
    """A city that is its country, beside its postal code ("Singapore 059413")."""
    for name, postal_code in (words, words[::-1]):
        code = names.country(name)
        if code in CITY_STATES and names.is_postal_code(code, postal_code):
            return End((name,), None, None, postal_code, name, code, name)
    return None


def _take_postal_code(end: End, names: Names) -> End | None:
    """A postal code of the country, at the end or the beginning of the last piece, or alone."""
    for place in (-1, -2) if not end.postal_code else ():
        if len(end.left) < -place:
            break
        words = end.left[place].split()
        for count in (2, 1):
            for code, rest in ((words[-count:], words[:-count]), (words[:count], words[count:])):
                text = " ".join(code)
                told = _country_of(text, rest, code == words[-count:], end, names)
                if len(words) < count or told is None or (place == -2 and rest):
                    continue
                before, after = end.left[:place], end.left[place:][1:]
                beside = " ".join(rest) or None
                left = before + ((beside,) if beside else ()) + after
                return replace(
                    end, left=left, postal_code=text, country_code=told or None, beside=beside
                )
    return end


def _country_of(text: str, rest: list[str], at_end: bool, end: End, names: Names) -> str | None:
    """Whose postal code it is; empty where its form says only that it is one."""
    known, told = end.country_code, None
    for country in TOLD_BY_POSTAL_CODE if at_end else ():
        if not names.is_postal_code(country, text):
            continue
        pieces = [" ".join(rest[-n:]) for n in (3, 2, 1)] if rest else list(end.left[-2:-1])
        if (country == "GB" and " " in text) or any(
            names.lies_in(text, names.region(country, piece)) for piece in pieces
        ):
            told = country
            break
    if known and told not in (None, known) and not (known == "PR" and told == "US"):
        return None
    if known or told:
        return known if known and names.is_postal_code(known, text) else told
    is_one = re.fullmatch(r"\d{5}", text) and rest and not HOUSE.search(" ".join(rest))
    return "" if is_one else None


def _take_region(end: End, names: Names, has_street: bool) -> End:
    """A region behind the city, in the same piece or in the next."""
    if not end.left:
        return end
    words = end.left[-1].split()
    countries = [end.country_code] if end.country_code else ["US", "CA"]
    for count in range(min(3, len(words)), 0, -1):
        name, before = " ".join(words[-count:]), " ".join(words[:-count])
        if not any(names.region(country, name) for country in countries):
            continue
        if before and not (end.beside and _is_beside(end.country_code, name)):
            continue
        if not before and end.beside and end.country_code not in REGION_BY_NAME:
            continue
        if not before and len(end.left) < (2 if has_street else 3):
            continue  # a street and a name: "New York" may be the city
        left = end.left[:-1] + ((before,) if before else ())
        return replace(end, left=left, region=name)
    return end


def _is_beside(country_code: str | None, name: str) -> bool:
    """Whether a country's region stands in one piece with city and postal code."""
    by_code = country_code in REGION_BY_CODE and name.isupper() and len(name) <= 3
    return country_code in REGION_BY_NAME or by_code


def _take_city(end: End, names: Names, has_street: bool) -> End | None:
    """The last piece that is left, if only it can be the city."""
    if not end.left and has_street and end.country:
        is_city = end.country_code in CITY_STATES
        return replace(end, city=end.country if is_city else None)
    if not end.left:
        return None
    if not (end.postal_code or end.region or end.country or end.country_code):
        return None
    city, left = end.left[-1], end.left[:-1]
    units = list(UNIT.finditer(city))
    if units and units[-1].end() < len(city):  # "12 Main St Apt 4 Springfield"
        cut = units[-1].end()
        left, city = (*left, city[:cut].strip()), city[cut:].strip()
    words = fold(city).split()
    if not words or len(words) > 5 or NO_CITY.fullmatch(words[-1]) or (not left and not has_street):
        return None
    if len(city) <= 3 and names.is_american(city):  # "12 Main St Salem, OR"
        return None
    if names.country(city) not in (None, *CITY_STATES) and len(city) > 3:
        return None
    parts = city.split()  # "Cowes Isle of Wight": where does the city end?
    tails = (" ".join(parts[place:]) for place in range(1, len(parts)))
    if not end.region and any(names.region(end.country_code, tail) for tail in tails):
        return None
    if re.search(r"\d", city) and not re.fullmatch(r"Dublin \d{1,2}W?", city, re.I):
        return None
    # "…, Kingston, East Yorkshire" with nothing beside the town: town or county?
    is_certain = end.region or end.beside or (end.postal_code and len(left) == 1)
    if sum(not HOUSE.search(piece) for piece in left) > (1 if is_certain else 0):
        return None
    return replace(end, left=left, city=city)


def _lines(street: tuple[str, ...], is_placed: bool) -> tuple[str, str | None] | None:
    """The street with its number, and whatever else finds the door."""
    doors = [piece for piece in street if UNIT.fullmatch(piece)]
    numbered = [p for p in street if p not in doors and HOUSE.search(p)]
    others = [p for p in street if p not in doors and p not in numbered]
    first = numbered[:1] or (others[:1] if is_placed and len(others) == 1 else [])
    if not first or len(numbered) > 1 or len(street) > 4:
        return None
    rest = [piece for piece in street if piece not in first]
    return first[0], ", ".join(rest) or None


def _joined(written: Written, found: Written, code: str | None, names: Names) -> Written | None:
    """What was found beside what was known; nothing if they say different things."""
    same = {
        "city": fold,
        "region": lambda text: names.region(code, text) or fold(text),
        "postal_code": lambda text: fold(text).replace(" ", ""),
        "country": lambda text: names.country(text) or fold(text),
    }
    known = replace(written, city=None) if found.city or found.country else written
    if written.city and not re.search(r"[\d,;\n|]", written.city) and found.city:
        known = written
    for part, key in same.items():
        left, right = getattr(known, part), getattr(found, part)
        if left and right and key(left) != key(right):
            return None
        found = replace(found, **{part: left or right})
    return found


def names_from(session, countries, regions, formats) -> Names:
    """The names that the seeds know."""
    names = Names()
    rows = session.execute(f"select country_name, country_code from {countries}").fetchall()
    names.countries = {fold(name): code for name, code in rows}
    rows = session.execute(
        f"select country_code, region_name, region_code, postal_prefix from {regions}"
    ).fetchall()
    for country, name, code, prefix in rows:
        names.regions.setdefault((country, fold(name)), code)
        if prefix:
            names.prefixes[code] = re.compile(prefix)
    for country, _, code, _ in rows:  # a code goes before a name that is spelled like it
        names.regions[country, fold(code.split("-")[1])] = code
    rows = session.execute(f"select country_code, postal_pattern from {formats}").fetchall()
    names.patterns = {country: re.compile(pattern) for country, pattern in rows}
    return names


def model(dbt, session):
    """The rows to add: texts that are new, or that were read by other rules or names."""
    dbt.config(materialized="incremental", unique_key="written_id")
    seeds = (dbt.ref("country_names"), dbt.ref("regions"), dbt.ref("postal_formats"))
    relations = [f"({seed.sql_query()})" for seed in seeds]
    names = names_from(session, *relations)
    reader = f"{READER} {session.execute(_digest(relations)).fetchone()[0]}"
    known = (
        f"select written_id from {dbt.this} where reader = '{reader}'"
        if dbt.is_incremental
        else "select null where false"
    )
    writings = dbt.ref("int_addresses__writings")
    new = session.execute(
        f"""
        select cast(written_id as varchar), {", ".join(PARTS)}
        from ({writings.sql_query()})
        where is_in_one_piece and cast(written_id as varchar) not in ({known})
        """
    ).fetchall()
    rows = []
    for written_id, *parts in new:
        found = split(Written(*parts), names)
        read = [getattr(found or Written(), part) for part in PARTS]
        rows.append((written_id, reader, found is not None, *read))
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
    return pyarrow.table(
        [pyarrow.array(c, f.type) for c, f in zip(columns, COLUMNS, strict=True)], schema=COLUMNS
    )


def _digest(relations: list[str]) -> str:
    tables = " || ".join(
        f"(select md5(string_agg(t::varchar, chr(10) order by t::varchar)) from {relation} as t)"
        for relation in relations
    )
    return f"select md5({tables})"
