"""Refresh tokens that rotate: kept safely, exchanged by one process at a time."""

from __future__ import annotations

import json
import multiprocessing
import stat

import httpx
import pytest
from fakes import answer, ok

from crossdock.errors import SettingsError
from crossdock.http.client import ApiClient
from crossdock.http.errors import AuthError
from crossdock.http.rules import Rules
from crossdock.http.tokens import Grant, RotatingToken, TokenStore, grant_of


class Vendor:
    """Gives a new pair for the newest refresh token only, as rotating vendors do."""

    def __init__(self, first: str = "r0") -> None:
        self.refresh, self.exchanges, self.valid = first, 0, set()

    def exchange(self, token: str) -> Grant:
        if token != self.refresh:
            raise AuthError("dead token", connector="tap-x", stream="token", path="/token")
        self.exchanges += 1
        self.refresh = f"r{self.exchanges}"
        self.valid.add(f"a{self.exchanges}")
        return Grant(f"a{self.exchanges}", 1000.0 + 60 * self.exchanges, self.refresh)


@pytest.fixture
def store(tmp_path):
    return TokenStore(tmp_path / "tokens" / "shopify_main.json")


def auth_of(vendor, store, now=lambda: 0.0, first="r0"):
    return RotatingToken(vendor.exchange, first=first, store=store, now=now)


def test_first_token_comes_from_the_settings_and_the_next_one_from_the_store(store):
    vendor = Vendor()
    assert auth_of(vendor, store).token() == "a1"
    assert auth_of(vendor, store).token() == "a1", "another process takes what is kept"
    assert auth_of(vendor, store, now=lambda: 1_050.0).token() == "a2"
    assert vendor.exchanges == 2


def test_file_is_readable_by_its_owner_alone(store):
    auth_of(Vendor(), store).token()
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert [p.name for p in store.path.parent.iterdir() if p.suffix not in {".json", ".lock"}] == []


def test_file_that_others_may_read_is_refused(store):
    auth_of(Vendor(), store).token()
    store.path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        auth_of(Vendor(), store).token()


def test_broken_file_is_named_and_shows_nothing(store):
    store.path.parent.mkdir(parents=True)
    store.path.write_text('{"access_token": "secret-stuff')
    store.path.chmod(0o600)
    with pytest.raises(SettingsError, match="holds no token") as caught:
        store.read()
    assert "secret-stuff" not in str(caught.value)


def test_grant_does_not_print_its_tokens():
    assert "secret" not in repr(Grant("secret-a", 1.0, "secret-r"))


def test_crash_while_writing_leaves_the_old_one(store, monkeypatch):
    store.write(Grant("a", 1.0, "r"))
    monkeypatch.setattr(json, "dump", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store.write(Grant("b", 2.0, "s"))
    assert store.read() == Grant("a", 1.0, "r")
    assert len(list(store.path.parent.iterdir())) == 1


def test_refused_token_is_renewed_once_by_whoever_comes_first(store):
    vendor = Vendor()
    one, two = auth_of(vendor, store), auth_of(vendor, store)
    assert (one.token(), two.token()) == ("a1", "a1")
    assert one.renew("a1")
    assert two.renew("a1")
    assert (one.token(), two.token()) == ("a2", "a2")
    assert vendor.exchanges == 2


def test_new_token_in_the_settings_helps_when_the_kept_one_died(store):
    store.write(Grant("old", 0.0, "dead"))
    vendor = Vendor("fresh")
    assert auth_of(vendor, store, now=lambda: 10.0, first="fresh").token() == "a1"


def test_vendor_that_does_not_rotate_keeps_its_refresh_token(store):
    store.write(Grant("old", 0.0, "kept"))
    auth = RotatingToken(
        lambda token: Grant("new", 99.0), first="kept", store=store, now=lambda: 10.0, margin=1
    )
    assert auth.token() == "new"
    assert store.read() == Grant("new", 99.0, "kept")


def test_client_goes_on_with_the_next_token_after_a_401(store):
    vendor = Vendor()
    auth = auth_of(vendor, store)
    auth.token()

    def api(request: httpx.Request) -> httpx.Response:
        return ok() if request.headers["Authorization"] == "Bearer a2" else answer(401, {})

    client = ApiClient(
        connector="tap-x",
        base_url="https://vendor.test",
        auth=auth,
        rules=Rules(),
        transport=httpx.MockTransport(api),
    )
    assert client.request("GET", "/x", stream="things").status_code == 200
    assert store.read().access_token == "a2"


def _exchange_in_process(path, counter, refresh, seen):
    def exchange(token):
        with counter.get_lock():
            counter.value += 1
        assert token.encode() == refresh.value, "a used refresh token was sent"
        refresh.value = f"r{counter.value}".encode()
        return Grant(f"a{counter.value}", 1e12, refresh.value.decode())

    auth = RotatingToken(exchange, first="r0", store=TokenStore(path))
    seen.put(auth.token())


def test_processes_do_not_use_up_the_same_refresh_token(store):
    spawn = multiprocessing.get_context("spawn")
    counter, refresh, seen = spawn.Value("i", 0), spawn.Array("c", 16), spawn.Queue()
    refresh.value = b"r0"
    arguments = (store.path, counter, refresh, seen)
    workers = [spawn.Process(target=_exchange_in_process, args=arguments) for _ in range(3)]
    for worker in workers:
        worker.start()
    tokens = [seen.get(timeout=30) for _ in workers]
    for worker in workers:
        worker.join(10)
    assert tokens == ["a1", "a1", "a1"]
    assert counter.value == 1


def test_grant_of_an_oauth_answer():
    answered = {"access_token": "a", "expires_in": 3600, "refresh_token": "r"}
    assert grant_of(answered, 100.0) == Grant("a", 3700.0, "r")
    assert grant_of({"access_token": "a"}, 100.0) == Grant("a", None, None)
