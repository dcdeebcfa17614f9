"""What Splink says of pairs of profiles, where CROSSDOCK_SPLINK is set; else nothing, unimported.

Splink learns from the data how much each agreement says. It needs the extra `identity` of the
package. Whatever it finds is proposed for review and never merged.
"""

import os

import pyarrow

COLUMNS = pyarrow.schema(
    [
        ("left_profile_id", pyarrow.string()),
        ("right_profile_id", pyarrow.string()),
        ("score", pyarrow.float64()),
        ("probability", pyarrow.float64()),
    ]
)
LEAST_PROBABILITY = 0.5
FEWEST = 100  # profiles; from fewer there is nothing to learn


def linked(profiles):
    """Pairs of profiles with Splink's match weight, at least LEAST_PROBABILITY."""
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    blocks = [
        block_on("postal_code_key", "house_number"),
        block_on("postal_code_key", "surname"),
        block_on("postal_code_key", "given_plain"),
        block_on("city_key", "surname"),
        block_on("given_plain", "surname"),
        block_on("street_bag", "house_number"),
        block_on("email_written"),
        block_on("email_local"),
        block_on("phone_key"),
    ]
    said = {name for name in profiles.column_names if profiles[name].null_count < len(profiles)}
    fields = {
        "given_plain": compare.NameComparison("given_plain"),
        "surname": compare.NameComparison("surname"),
        "email_written": compare.LevenshteinAtThresholds("email_written", [2, 4]),
        "phone_key": compare.ExactMatch("phone_key"),
        "street_bag": compare.JaroWinklerAtThresholds("street_bag", [0.92, 0.8]),
        "house_number": compare.ExactMatch("house_number"),
        "city_key": compare.LevenshteinAtThresholds("city_key", [1, 3]),
        "postal_code_key": compare.LevenshteinAtThresholds("postal_code_key", [1, 2]),
    }
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="profile_id",
        comparisons=[made for name, made in fields.items() if name in said],
        blocking_rules_to_generate_predictions=blocks,
    )
    engine = DuckDBAPI()
    linker = Linker(engine.register(profiles), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(blocks[:4], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for names in (("given_plain", "surname"), ("postal_code_key",), ("email_written",)):
        if said.issuperset(names):
            learn(linker, block_on(*names))
    pairs = linker.inference.predict(threshold_match_probability=LEAST_PROBABILITY)
    return engine.duckdb_con.execute(
        f"""
        select
            least(profile_id_l, profile_id_r) as left_profile_id,
            greatest(profile_id_l, profile_id_r) as right_profile_id,
            match_weight as score, match_probability as probability
        from {pairs.physical_name}
        """
    ).to_arrow_table()


def learn(linker, block):
    """Learn from pairs that agree on a block, unless nothing can be learned from them."""
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    except ValueError as error:
        # A level that no pair of the block shows: Splink refuses its probability of 0. What the
        # other blocks teach stands.
        if "m_probability" not in str(error):
            raise


def model(dbt, session):
    """Pairs with their scores."""
    dbt.config(materialized="table")
    profiles = dbt.ref("int_identity__keys")
    found = COLUMNS.empty_table()
    if os.environ.get("CROSSDOCK_SPLINK", "").lower() in ("1", "true", "yes", "on"):
        rows = session.execute(
            f"""
            select
                cast(profile_id as varchar) as profile_id, given_plain, surname, email_written,
                split_part(email_written, '@', 1) as email_local, phone_key, street_bag,
                house_number, city_key, postal_code_key
            from ({profiles.sql_query()}) where seq = profile
            """
        ).to_arrow_table()
        if len(rows) >= FEWEST:
            found = linked(rows)
    return found
