"""Each row of the table of answers: what is tried again, what is raised, and when."""

from __future__ import annotations

import httpx
import pytest
from fakes import FakeClock, answer, bucket, client_of, ok

from crossdock.http.auth import BearerToken, RenewableToken, Token
from crossdock.http.client import sent_at, vendor_time
from crossdock.http.errors import (
    ApiError,
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    VendorDown,
)
from crossdock.http.retry import Retry
from crossdock.http.rules import Action, Rule, Rules

CONNECT = httpx.ConnectError("refused")
TIMEOUT = httpx.ReadTimeout("no answer")
RESET = httpx.ReadError("reset by peer")
TRUNCATED = httpx.RemoteProtocolError("peer closed connection")


def get(client, **options):
    return client.request("GET", "/things", stream="things", **options)


def write(client, **options):
    return client.request("POST", "/things", stream="things", json={}, write=True, **options)


def test_path_is_below_the_base_url():
    client, vendor, _ = client_of(ok())
    get(client, params={"page": "1"})
    assert str(vendor.requests[0].url) == "http://vendor.test/base/things?page=1"


@pytest.mark.parametrize("trouble", [CONNECT, TIMEOUT, RESET, TRUNCATED, answer(500), answer(503)])
def test_read_is_tried_again_after_trouble(trouble):
    client, vendor, clock = client_of(trouble, trouble, ok())
    assert get(client).json() == {"ok": True}
    assert len(vendor.requests) == 3
    assert clock.slept == [0.5, 1.0]


def test_back_off_grows_to_its_cap_and_ends():
    retry = Retry(tries=6, first=1.0, cap=4.0)
    client, vendor, clock = client_of(answer(502), retry=retry)
    with pytest.raises(VendorDown) as caught:
        get(client)
    assert clock.slept == [1.0, 2.0, 4.0, 4.0, 4.0]
    assert len(vendor.requests) == caught.value.attempt == 6
    assert "tap-test: things: HTTP 502 Bad Gateway (/things, attempt 6)" in str(caught.value)


def test_jitter_is_full():
    assert Retry(first=2.0).pause(2, lambda: 0.25) == 1.0


@pytest.mark.parametrize("lost", [TIMEOUT, RESET, TRUNCATED, answer(500), answer(502), answer(504)])
def test_write_without_an_answer_is_unknown_at_once(lost):
    client, vendor, clock = client_of(lost, ok())
    with pytest.raises(OutcomeUnknown):
        write(client)
    assert len(vendor.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    "harmless",
    [CONNECT, httpx.ConnectTimeout("t"), httpx.PoolTimeout("t"), answer(429), answer(423)],
)
def test_write_that_cannot_have_taken_effect_is_sent_again(harmless):
    client, vendor, _ = client_of(harmless, ok())
    assert write(client).is_success
    assert len(vendor.requests) == 2


def test_write_that_never_left_is_no_unknown():
    client, _, _ = client_of(CONNECT)
    with pytest.raises(VendorDown):
        write(client)


def test_vendor_may_promise_that_a_503_had_no_effect():
    rules = Rules((Rule(503, Action.RETRY, no_effect=True),))
    client, vendor, _ = client_of(answer(503), ok(), rules=rules)
    assert write(client).is_success
    assert len(vendor.requests) == 2


def test_retry_after_in_seconds():
    client, _, clock = client_of(answer(429, {}, Retry_After="7"), ok())
    get(client)
    assert clock.slept == [7.0]


def test_retry_after_as_a_date():
    headers = {
        "Retry_After": "Mon, 23 Nov 2026 10:00:30 GMT",
        "Date": "Mon, 23 Nov 2026 10:00:00 GMT",
    }
    client, _, clock = client_of(answer(429, {}, **headers), ok())
    get(client)
    assert clock.slept == [30.0]


def test_retry_after_of_a_503_is_honoured_by_reads():
    client, _, clock = client_of(answer(503, {}, Retry_After="9"), ok())
    get(client)
    assert clock.slept == [9.0]


def test_limit_that_does_not_lift_in_time():
    client, _, clock = client_of(answer(429, {}, Retry_After="400"))
    with pytest.raises(RateLimited):
        get(client)
    assert clock.slept == [400.0]


def test_wait_holds_everybody_back_but_is_not_paid_twice():
    clock = FakeClock()
    limiter = bucket(clock, capacity=10, rate=1)
    client, _, _ = client_of(answer(429, {}, Retry_After="5"), ok(), limiter=limiter, clock=clock)
    get(client)
    assert clock.slept == [5.0]
    limiter.acquire(1)
    assert clock.slept == [5.0, 1.0]


def test_html_instead_of_json_is_tried_again():
    html = httpx.Response(200, content=b"<html>maintenance</html>")
    client, vendor, _ = client_of(html, ok())
    assert get(client).json() == {"ok": True}
    assert len(vendor.requests) == 2


def test_html_as_the_answer_to_a_write_is_unknown():
    client, _, _ = client_of(httpx.Response(200, content=b"<html>"))
    with pytest.raises(OutcomeUnknown, match="not JSON"):
        write(client)


def test_empty_body_is_fine():
    client, _, _ = client_of(answer(204))
    assert write(client).status_code == 204


def test_refusal_is_raised_with_its_body():
    rules = Rules(explain=lambda r: (r.json()["message"], r.json()["category"]))
    body = {"message": "Property x is not valid", "category": "VALIDATION_ERROR"}
    client, vendor, _ = client_of(answer(400, body), rules=rules)
    with pytest.raises(Rejected) as caught:
        write(client)
    assert (caught.value.status, caught.value.code) == (400, "VALIDATION_ERROR")
    assert caught.value.body == body
    assert len(vendor.requests) == 1


def test_missing_scope_stops_the_connector():
    client, _, _ = client_of(answer(403))
    with pytest.raises(AuthError, match="scope"):
        get(client)


def test_redirect_points_at_the_url():
    client, _, _ = client_of(httpx.Response(301, headers={"Location": "https://elsewhere.test"}))
    with pytest.raises(ApiError, match="api_url"):
        get(client)


def test_token_is_renewed_once_on_a_401():
    tokens = iter(["old", "new"])
    auth = RenewableToken(lambda: Token(next(tokens)))
    client, vendor, _ = client_of(answer(401), ok(), auth=auth)
    write(client)
    sent = [request.headers["Authorization"] for request in vendor.requests]
    assert sent == ["Bearer old", "Bearer new"]


def test_second_401_is_final():
    auth = RenewableToken(lambda: Token("token"))
    client, vendor, _ = client_of(answer(401), auth=auth)
    with pytest.raises(AuthError, match="credentials"):
        get(client)
    assert len(vendor.requests) == 2


def test_static_token_is_not_renewed():
    client, vendor, _ = client_of(answer(401), auth=BearerToken("fixed"))
    with pytest.raises(AuthError):
        get(client)
    assert len(vendor.requests) == 1


def test_token_is_fetched_before_it_expires():
    clock, made = FakeClock(), []

    def fetch() -> Token:
        made.append(clock.now)
        return Token(f"token{len(made)}", 1800)

    auth = RenewableToken(fetch, monotonic=clock)
    assert auth.token() == "token1"
    clock.now += 1700
    assert auth.token() == "token1"
    clock.now += 41
    assert auth.token() == "token2"


def test_short_lived_token_is_not_renewed_for_every_request():
    clock, made = FakeClock(), []
    auth = RenewableToken(lambda: made.append(1) or Token("t", 10), monotonic=clock)
    auth.token(), auth.token()
    assert len(made) == 1


def test_token_that_another_thread_renewed_is_kept():
    tokens = iter(["first", "second", "third"])
    auth = RenewableToken(lambda: Token(next(tokens)))
    first = auth.token()
    auth.renew(first)
    assert auth.token() == "second"
    auth.renew(first)
    assert auth.token() == "second"


def test_messages_hold_no_secret_and_no_person():
    said = (
        "Contact jane.doe@example.com with phone +1 (555) 010-9999 exists; "
        "token pat-na1-abc-123 and shpat_0123456789abcdef; Existing ID: 4711"
    )
    rules = Rules(explain=lambda r: (r.json()["message"], None))
    client, _, _ = client_of(
        answer(409, {"message": said}), rules=rules, auth=BearerToken("very-secret")
    )
    with pytest.raises(Rejected) as caught:
        client.request("GET", "/contacts?email=jane.doe@example.com", stream="contacts")
    text = str(caught.value)
    for private in ("jane", "555", "pat-na1", "shpat_", "very-secret", "?email"):
        assert private not in text
    assert "Existing ID: 4711" in text


def test_request_and_vendor_times():
    client, _, _ = client_of(ok(Date="Mon, 23 Nov 2026 10:00:00 GMT"))
    response = get(client)
    assert sent_at(response).tzinfo is not None
    assert client.vendor_now == vendor_time(response)


def test_numbers_keep_their_digits():
    from crossdock.http.rules import body

    content = b'{"amount": 123456789012345.67, "id": 12345678901234567890}'
    response = httpx.Response(200, content=content)
    assert str(body(response)["amount"]) == "123456789012345.67"
    assert body(response)["id"] == 12345678901234567890


def test_closed_client_sends_nothing_and_ends_its_waits():
    client, vendor, _ = client_of(ok())
    client.close()
    with pytest.raises(VendorDown):
        get(client)
    assert vendor.requests == []
