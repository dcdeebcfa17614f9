"""What each phone number is, as written in its country: parsed once, kept until the parser changes.

A number that is no valid one still says something: its digits, within its country.
"""

import phonenumbers
import pyarrow

COLUMNS = pyarrow.schema(
    [(name, pyarrow.string()) for name in ("phone", "country_code", "parser", "e164", "phone_key")]
)
SHORTEST = 6


def parse(phone: str, country_code: str) -> tuple[str | None, str | None]:
    """The number in E.164 if it is valid, and the key by which it identifies."""
    try:
        number = phonenumbers.parse(phone, country_code or None)
    except phonenumbers.NumberParseException:
        return None, local_key("".join(c for c in phone if c.isdigit()), country_code)
    if phonenumbers.is_valid_number(number):
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return e164, e164
    region = phonenumbers.region_code_for_country_code(number.country_code)
    return None, local_key(str(number.national_number), country_code or region)


def local_key(digits: str, country_code: str) -> str | None:
    """Digits of one country; too few of them, or one repeated, identify nobody."""
    if len(digits) < SHORTEST or len(set(digits)) == 1:
        return None
    return f"{country_code or '?'}:{digits}"


def model(dbt, session):
    """The rows to add: numbers that are new, or that an older parser read."""
    dbt.config(materialized="incremental", unique_key=["phone", "country_code"])
    parser = f"phonenumbers {phonenumbers.__version__}"
    records = dbt.ref("int_identity__records")
    known = (
        f"select phone, country_code from {dbt.this} where parser = '{parser}'"
        if dbt.is_incremental
        else "select null as phone, null as country_code where false"
    )
    new = session.execute(
        f"""
        select distinct phone, coalesce(country_code, '') as country_code
        from ({records.sql_query()}) where phone is not null
        except {known}
        """
    ).fetchall()
    rows = [(phone, country, parser, *parse(phone, country)) for phone, country in new]
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
    return pyarrow.table([pyarrow.array(c, pyarrow.string()) for c in columns], schema=COLUMNS)
