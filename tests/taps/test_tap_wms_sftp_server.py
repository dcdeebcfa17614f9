"""The way to the server: who it is, who we are, lines that break; with OpenSSH's server too."""

from __future__ import annotations

import io
import time

import asyncssh
import pytest
from wms_files import PASSWORD, SSHD, Box, confirmations, name_of, openssh, own_server

from crossdock.errors import SettingsError
from crossdock.files import sftp as clients
from crossdock.files.login import Login
from crossdock.files.sftp import Changed, SftpClient
from crossdock.http.errors import AuthError, Rejected, VendorDown
from crossdock.http.retry import Retry
from taps.wms_sftp.tap import TapWmsSftp

HASTY = Retry(tries=5, first=0.0)


class Files(asyncssh.SFTPServer):
    """A server that a test can make stumble: what it does before each read."""

    before_read = staticmethod(lambda files, number: None)
    reads = 0

    def read(self, file_obj, offset, size):
        type(self).reads += 1
        type(self).before_read(self, type(self).reads)
        return super().read(file_obj, offset, size)


@pytest.fixture
def files():
    return type("Stumbling", (Files,), {})


@pytest.fixture
def box(tmp_path, files):
    root = tmp_path / "server"
    root.mkdir()
    with own_server(root, files) as login:
        yield Box(root, login)


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(Retry, "pause", lambda self, failures, rand: 0.01)


def client_of(box: Box, **more) -> SftpClient:
    return SftpClient(Login.from_config({**box.login, **more}), connector="test", retry=HASTY)


# --- who the server is


def test_an_unknown_server_is_not_trusted(box):
    del box.login["host_key_fingerprint"]
    with pytest.raises(SettingsError, match="no host key is pinned"):
        box.read()


def test_a_server_with_another_key_is_refused_and_its_key_is_told(box):
    right = box.login["host_key_fingerprint"]
    box.login["host_key_fingerprint"] = "SHA256:" + "A" * 43
    with pytest.raises(AuthError) as caught:
        box.read()
    assert right in str(caught.value)
    assert "ask its owner" in str(caught.value)


def test_one_of_several_fingerprints_is_enough(box):
    box.login["host_key_fingerprint"] = f"SHA256:{'A' * 43}, {box.login['host_key_fingerprint']}"
    box.shipped("a")
    assert box.read().orders == ["a"]


def test_a_file_of_known_hosts_pins_as_well(box, tmp_path):
    right = box.login.pop("host_key_fingerprint")
    seen: list[asyncssh.SSHKey] = []
    login = Login.from_config({**box.login, "host_key_fingerprint": right})
    shown = clients.SftpClient(login, connector="test")
    shown.listing("out")
    seen.append(shown._connection.get_server_host_key())
    shown.close()
    path = tmp_path / "known_hosts"
    line = f"[127.0.0.1]:{box.login['port']} {seen[0].export_public_key().decode()}"
    path.write_text(line)
    box.shipped("a")
    assert box.read(known_hosts=str(path)).orders == ["a"]
    path.write_text(line.replace("127.0.0.1", "127.0.0.2"))
    with pytest.raises(AuthError):
        box.read(known_hosts=str(path))


def test_whoever_answers_is_trusted_in_the_sandbox_alone(box, monkeypatch):
    del box.login["host_key_fingerprint"]
    box.shipped("a")
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="for the environment sandbox alone"):
        box.read(accept_any_host_key=True)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "sandbox")
    assert box.read(accept_any_host_key=True).orders == ["a"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"host_key_fingerprint": "MD5:aa:bb"}, "is no fingerprint"),
        ({"known_hosts": "/nowhere/known_hosts"}, "known_hosts cannot be read"),
        ({"password": None}, "neither a password nor a private_key"),
        ({"private_key": "-----BEGIN NONSENSE-----"}, "private_key is no private key"),
        ({"key_file": "/nowhere/key"}, "key_file cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(box, change, message):
    with pytest.raises(SettingsError, match=message) as caught:
        box.read(**change)
    assert "NONSENSE" not in str(caught.value)


# --- who we are


def test_a_wrong_password_is_one_clear_line(box):
    with pytest.raises(AuthError, match="does not let us in") as caught:
        box.read(password="wrong-and-secret")
    assert "wrong-and-secret" not in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, "a passphrase"])
def test_a_private_key_lets_us_in(tmp_path, passphrase):
    mine = asyncssh.generate_private_key("ssh-ed25519")
    root = tmp_path / "server"
    root.mkdir()
    public = mine.export_public_key().decode()
    with own_server(root, keys=(public,)) as login:
        box = Box(root, {**login, "password": None})
        box.shipped("a")
        text = mine.export_private_key("pkcs8-pem", passphrase).decode()
        assert box.read(private_key=text, passphrase=passphrase).orders == ["a"]
        path = tmp_path / "key"
        path.write_text(text)
        assert box.read(key_file=str(path), passphrase=passphrase).orders == ["a"]
        if passphrase:
            with pytest.raises(SettingsError, match="that the passphrase opens"):
                box.read(private_key=text, passphrase="another")


def test_a_login_never_shows_its_secrets(box):
    assert PASSWORD not in repr(Login.from_config(box.login))


# --- lines that break


def test_a_missing_folder_is_one_clear_line(box):
    with pytest.raises(Rejected, match=r"no such file or folder.*nowhere"):
        box.read(directory="nowhere")


def test_a_server_that_is_down_is_one_clear_line(box, hasty):
    with pytest.raises(VendorDown, match=r"connection failed.*attempt 5"):
        box.read(port=9)


def test_a_cut_connection_costs_one_piece_and_no_more(box, files, monkeypatch):
    monkeypatch.setattr(clients, "PIECE", 10_000)
    content = bytes(range(256)) * 400
    box.put("file", content)

    def cut(server, number):
        if number in (3, 4, 9):
            server.connection.abort()

    files.before_read = staticmethod(cut)
    client = client_of(box)
    (entry,) = client.listing("out")
    copy = io.BytesIO()
    client.read("out/file", entry, copy)
    client.close()
    assert copy.getvalue() == content
    assert files.reads < 40


def test_a_request_that_hangs_ends(box, files):
    files.before_read = staticmethod(lambda server, number: time.sleep(0.3) if number == 1 else 0)
    box.put("file", b"content")
    login = Login.from_config(box.login)
    client = SftpClient(login, connector="test", timeout=0.2, retry=HASTY)
    (entry,) = client.listing("out")
    copy = io.BytesIO()
    client.read("out/file", entry, copy)
    client.close()
    assert (copy.getvalue(), files.reads > 1) == (b"content", True)


def test_a_file_that_grows_while_it_is_read_waits(box, files):
    path = box.put(name_of("SHP", 1), confirmations(1, ["a"]))

    def grow(server, number):
        with path.open("ab") as file:
            file.write(b"more")

    files.before_read = staticmethod(grow)
    read = box.read()
    assert (read.orders, read.statuses) == ([], {path.name: "waiting"})
    client = client_of(box)
    (entry,) = client.listing("out")
    with pytest.raises(Changed):
        client.read(f"out/{path.name}", entry, io.BytesIO())
    client.close()


def test_a_rename_whose_answer_was_lost_is_done(tmp_path):
    class Losing(asyncssh.SFTPServer):
        lost = False

        def rename(self, oldpath, newpath):
            super().rename(oldpath, newpath)
            if not type(self).lost:
                type(self).lost = True
                self.connection.abort()

    root = tmp_path / "server"
    root.mkdir()
    with own_server(root, Losing) as login:
        box = Box(root, login)
        box.put("file", b"x")
        client = client_of(box)
        assert client.rename("out/file", "archive/file")
        assert not client.rename("archive/file", "archive/file")
        client.close()
        assert (box.names(), box.names("archive")) == ([], ["file"])


def test_a_server_that_overwrites_is_asked_before(tmp_path):
    class Overwriting(asyncssh.SFTPServer):
        def rename(self, oldpath, newpath):
            super().posix_rename(oldpath, newpath)

    root = tmp_path / "server"
    root.mkdir()
    with own_server(root, Overwriting) as login:
        box = Box(root, login)
        box.put("file", b"new")
        (root / "archive" / "file").write_bytes(b"old")
        client = client_of(box)
        assert not client.rename("out/file", "archive/file")
        client.close()
    assert (root / "archive" / "file").read_bytes() == b"old"


def test_nothing_of_this_machine_is_used(box, tmp_path, monkeypatch):
    """Neither the user's known hosts nor an agent: what is not in the settings does not count."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text("Host *\n  User somebody\n  Port 1\n")
    monkeypatch.setenv("HOME", str(home))
    box.shipped("a")
    assert box.read().orders == ["a"]


# --- OpenSSH's server


@pytest.fixture
def real(tmp_path):
    if SSHD is None:
        pytest.skip("sshd is not installed (openssh-server)")
    root, work = tmp_path / "server", tmp_path / "sshd"
    root.mkdir(), work.mkdir()
    with openssh(root, work) as login:
        yield Box(root, login)


def read_real(box: Box, state=None, **more):
    folders = {"directory": f"{box.root}/out", "archive": f"{box.root}/archive"}
    return box.read(state, **folders, **more)


def test_openssh_files_are_read_and_put_away(real):
    name = real.shipped("a", "b").name
    (real.root / "archive" / name).write_text("older")
    first = read_real(real)
    assert (first.orders, first.statuses) == (["a", "b"], {name: "loaded"})
    second = read_real(real, first.state)
    assert second.orders == []
    assert (real.names(), real.names("archive")) == ([], [name, f"{name}.2"])
    assert (real.root / "archive" / name).read_text() == "older"


def test_openssh_long_files_are_read_whole(real):
    orders = [f"order_{number:06}" for number in range(20_000)]
    real.shipped(*orders)
    assert read_real(real).orders == orders


def test_openssh_another_key_is_refused(real):
    real.login["host_key_fingerprint"] = "SHA256:" + "A" * 43
    with pytest.raises(AuthError, match="which is not the pinned one"):
        read_real(real)


def test_openssh_a_foreign_key_is_not_let_in(real):
    foreign = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with pytest.raises(AuthError, match="does not let us in"):
        read_real(real, private_key=foreign)


def test_the_settings_say_what_is_secret():
    properties = TapWmsSftp.config_jsonschema["properties"]
    assert {n for n, kind in properties.items() if kind.get("secret")} == {
        "password", "private_key", "passphrase",
    }  # fmt: skip
