"""`crossdock new`: what it writes is whole, clean, and passes its tests at once."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from crossdock.cli.new import new_command
from crossdock.control_panel import ControlPanel, insert_into_table
from crossdock.errors import SettingsError
from crossdock.scaffold import Name, ScaffoldError, write

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
NAMES = ("x", "acme-store", "zebra_2", "abcdefgh-ijklmnop-qrstuv")
MARK = re.compile("@(name|kebab|NAME|Class|title)@")
LEFT_OUT = (".git", ".venv", ".crossdock", ".meltano", "__pycache__", "*.egg-info", "logs")


@pytest.fixture
def project(tmp_path):
    for name in ("meltano.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("text", "snake", "kebab", "class_"),
    [
        ("acme-store", "acme_store", "acme-store", "AcmeStore"),
        ("acme_store", "acme_store", "acme-store", "AcmeStore"),
        ("b2b", "b2b", "b2b", "B2b"),
    ],
)
def test_a_name_has_a_form_for_each_place(text, snake, kebab, class_):
    words = Name.parse(text).words
    assert (words["@name@"], words["@kebab@"], words["@Class@"]) == (snake, kebab, class_)


@pytest.mark.parametrize(
    "text",
    ["", "9x", "Acme", "acme store", "acme--b", "a__b", "a-", "über", "../x", "class", "a" * 25],
)
def test_what_is_no_name_is_refused(project, text):
    before = snapshot(project)
    with pytest.raises(ScaffoldError) as caught:
        write("tap", Name.parse(text), project)
    assert caught.value.hint
    assert snapshot(project) == before


def test_entries_keep_comments_and_order(project):
    before = {name: (project / name).read_text() for name in ("meltano.yml", "pyproject.toml")}
    write("tap", Name("acme_store"), project)
    write("target", Name("acme_store"), project)
    for name, text in before.items():
        changes = list(difflib.ndiff(text.splitlines(), (project / name).read_text().splitlines()))
        assert not [line for line in changes if line.startswith("- ")]
        assert all("acme" in line.lower() or line.startswith("+  ") for line in changes
                   if line.startswith("+ "))  # fmt: skip
    panel = yaml.safe_load((project / "meltano.yml").read_text())
    extractors = {item["name"]: item for item in panel["plugins"]["extractors"]}
    assert extractors["tap-acme-store"]["load_schema"] == "raw_acme_store_main"
    assert extractors["plan-acme-store"]["config"] == {"destination": "acme_store:main"}
    assert panel["jobs"] == yaml.safe_load(before["meltano.yml"])["jobs"]


def test_nothing_is_overwritten(project):
    write("tap", Name("acme"), project)
    before = snapshot(project)
    with pytest.raises(ScaffoldError, match="is there already"):
        write("tap", Name("acme"), project)
    assert snapshot(project) == before


def test_an_entry_that_is_there_is_not_written_twice(project):
    write("tap", Name("acme"), project)
    for folder in ("taps", "sandbox", "tests", "transform"):
        shutil.rmtree(project / folder)
    before = snapshot(project)
    with pytest.raises(SettingsError, match="already"):
        write("tap", Name("acme"), project)
    assert snapshot(project) == before


def test_a_target_needs_its_tap(project):
    before = snapshot(project)
    with pytest.raises(ScaffoldError) as caught:
        write("target", Name("acme"), project)
    assert "crossdock new tap acme" in str(caught.value)
    assert snapshot(project) == before


def test_it_says_what_to_do_next(project, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(project))
    done = CliRunner().invoke(new_command, ["tap", "acme-store", "--no-install"])
    assert done.exit_code == 0, done.output
    for word in ("pip install", "pytest", "acme_store:main", "CROSSDOCK_CHANNELS", "meltano.yml"):
        assert word in done.output


@pytest.mark.parametrize("name", NAMES)
def test_what_it_writes_is_lint_clean(project, name):
    written = [
        *write("tap", Name.parse(name), project),
        *write("target", Name.parse(name), project),
    ]
    texts = {path: (project / path).read_text() for path in written}
    assert not [path for path, text in texts.items() if MARK.search(text)]
    files = [str(path) for path in written if path.suffix == ".py"]
    assert len(files) > 12
    # Where an import stands depends on what else there is: see below, in a whole project.
    for command in (["check", "--extend-ignore", "I001"], ["format", "--check"]):
        words = [str(PROGRAMS / "ruff"), *command, "--no-cache", *files]
        done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "path"),
    [("jobs: []\n", ["plugins"]), ("plugins: {extractors: []}\n", ["plugins", "extractors"])],
)
def test_a_list_that_cannot_take_an_entry_is_said(text, path):
    with pytest.raises(SettingsError, match="no list"):
        ControlPanel(text).with_item(path, "- name: a\n")


def test_an_entry_goes_behind_aliases_comments_and_text_blocks():
    text = "a:\n  # first\n  - name: x\n    <<: *no\n".replace(
        "    <<: *no\n", "    b: |\n      c\n"
    )
    text += "  # of what follows\nd: 1\n"
    changed = ControlPanel(text).with_item(["a"], "- name: y\n  e: 2\n").text
    assert changed.splitlines()[5:8] == ["  - name: y", "    e: 2", "  # of what follows"]
    with pytest.raises(SettingsError, match="already"):
        ControlPanel(changed).with_item(["a"], "- name: y\n")


def test_a_line_goes_into_its_table_beside_its_like():
    text = '[s]\ntap-a = "1"\ntarget-a = "2"\n\n[t]\n'
    changed = insert_into_table(text, "s", 'tap-b = "3"')
    assert changed == '[s]\ntap-a = "1"\ntap-b = "3"\ntarget-a = "2"\n\n[t]\n'
    assert insert_into_table(changed, "t", 'x = "4"').endswith('[t]\nx = "4"\n')
    with pytest.raises(SettingsError, match="no table"):
        insert_into_table(text, "u", 'x = "4"')


@pytest.fixture
def copy(tmp_path):
    """A project of its own, installed into an environment of its own, which leans on this one."""
    project, environment = tmp_path / "project", tmp_path / "venv"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*LEFT_OUT))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "base.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    for program in ("dbt", "target-duckdb", "ruff"):
        (environment / "bin" / program).symlink_to(PROGRAMS / program)
    return project, environment / "bin"


@pytest.mark.loop
def test_a_new_connector_passes_its_tests_and_conformance_at_once(copy):
    project, programs = copy
    python = str(programs / "python")
    env = {**os.environ, "CROSSDOCK_PROJECT": str(project), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [python, *words], cwd=project, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--ignore-installed")
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    for kind in ("tap", "target"):
        run("-c", "from crossdock.cli.main import main; main()", "new", kind, "acme-store")
    run("-m", "ruff", "check", "--no-cache", ".")
    run("-m", "mypy", "taps/acme_store", "targets/acme_store", "sandbox/acme_store")
    del env["CROSSDOCK_PROJECT"]
    tests = ("tests/taps/test_tap_acme_store.py", "tests/targets/test_target_acme_store.py")
    run("-m", "pytest", "-q", *tests)
    passed = run("-m", "pytest", "-q", "tests/conformance", "-k", "acme-store")
    assert "passed" in passed
    assert "skipped" not in passed
