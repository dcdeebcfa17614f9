"""dbt's structure guide, as far as this project follows it: layers, names, places, words.

Each rule answers with what is wrong and what to do. `dbt-score list -n transform.rules` shows them.
"""

# No postponed annotations here: dbt-score reads the arguments of the rules.
import re
from pathlib import PurePath

from dbt_score import Model, RuleViolation, rule

# Who may read whom; a layer that is missing here is read by nobody else.
READS = {
    "staging": {"staging"},
    "intermediate": {"staging", "intermediate", "canonical"},
    "canonical": {"staging", "intermediate", "canonical"},
    "sync": {"staging", "intermediate", "canonical", "sync"},
    "reconciliation": {"staging", "intermediate", "canonical", "sync", "reconciliation"},
}
NAMES = {
    "staging": "stg_{folder}__",
    "intermediate": "int_",
    "canonical": "",
    "sync": "sync_{folder}__",
    "reconciliation": "(recon|report)_",
}
PROMISED = {"canonical", "sync"}
"""Layers that others build upon: every column is declared, described and held by a contract."""
MOST_LINES = 300
_JSON = re.compile(r"\b(json_text|json_value|json_extract\w*|json_record|unnest_json)\b|->>?\s*'")


def _layer(path: str) -> str:
    return PurePath(path).parts[1]


def _folder(path: str) -> str:
    return PurePath(path).parts[-2]


@rule
def reads_only_earlier_layers(model: Model) -> RuleViolation | None:
    """Sources are read in staging alone, and each layer reads those before it."""
    layer = _layer(model.original_file_path)
    for parent in model.parents:
        kind = type(parent).__name__
        if kind == "Source" and layer != "staging":
            return RuleViolation(f"it reads a source: let a staging model of {parent.name} do that")
        if isinstance(parent, Model):
            other = _layer(parent.original_file_path)
            if other not in READS[layer]:
                return RuleViolation(f"{layer} reads {parent.name} of {other}, a later layer")
    return None


@rule
def staging_keeps_to_its_system(model: Model) -> RuleViolation | None:
    """A staging model knows one system."""
    path = model.original_file_path
    if _layer(path) != "staging":
        return None
    for parent in model.parents:
        if isinstance(parent, Model) and _folder(parent.original_file_path) != _folder(path):
            return RuleViolation(f"it reads {parent.name}: bring systems together later")
    return None


@rule
def is_named_by_its_layer(model: Model) -> RuleViolation | None:
    """The name says the layer, and the system where there is one."""
    path = model.original_file_path
    begin = NAMES[_layer(path)].format(folder=_folder(path))
    if not re.match(begin, model.name):
        return RuleViolation(f"its name should begin with {begin}")
    return None


@rule
def has_its_words_beside_it(model: Model) -> RuleViolation | None:
    """One .sql or .py, and one .yml of the same name in the same folder."""
    wanted = PurePath(model.original_file_path).with_suffix(".yml")
    found = (model.patch_path or "").split("://")[-1]
    if PurePath(found) != wanted:
        return RuleViolation(f"describe it in {wanted}, not in {found or 'no file'}")
    return None


@rule
def is_described(model: Model) -> RuleViolation | None:
    """A model says what one row of it is."""
    if not model.description.strip():
        return RuleViolation("it has no description")
    return None


@rule
def keeps_its_promises(model: Model) -> RuleViolation | None:
    """What others build upon has a contract, and describes each column."""
    if _layer(model.original_file_path) not in PROMISED:
        return None
    if not model.config.get("contract", {}).get("enforced"):
        return RuleViolation("its contract is not enforced")
    silent = [column.name for column in model.columns if not column.description]
    if silent:
        return RuleViolation(f"columns without a description: {', '.join(silent[:5])}")
    return None


@rule
def has_a_tested_key(model: Model) -> RuleViolation | None:
    """Canonical rows have an id of their own, and a test that it is one."""
    if _layer(model.original_file_path) != "canonical":
        return None
    # A key of several columns is tested as an expression, which belongs to no column.
    names = [(test.get("test_metadata") or {}).get("name") for test in model._raw_test_values]
    if "unique" not in names:
        return RuleViolation("no column and no group of columns is tested to be unique")
    return None


@rule
def reads_json_in_staging_alone(model: Model) -> RuleViolation | None:
    """Paths into documents of vendors stand in staging, where the vendor is known."""
    if _layer(model.original_file_path) == "staging" or model.language != "sql":
        return None
    found = _JSON.search(model.raw_code)
    if found:
        return RuleViolation(f"{found.group(0)} belongs into a staging model")
    return None


@rule
def can_be_read_at_once(model: Model) -> RuleViolation | None:
    """A model is one idea, or a few: longer ones are several models."""
    lines = len(model.raw_code.splitlines())
    if lines > MOST_LINES and model.language == "sql":
        return RuleViolation(f"{lines} lines: make several models of it (at most {MOST_LINES})")
    return None
