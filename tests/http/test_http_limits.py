"""Buckets: charged at once, shared, corrected."""

from __future__ import annotations

import threading

import pytest
from fakes import FakeClock, FakeVendor, answer, bucket, client_of, ok

from crossdock.http.client import ApiClient
from crossdock.http.errors import RateLimited
from crossdock.http.limits import DayCap, LocalLimiter, MemoryStore, SharedLimiter, shared_limiter
from crossdock.http.rules import Rules


def test_full_bucket_lets_through_and_then_paces():
    clock = FakeClock()
    limiter = bucket(clock, capacity=3, rate=2)
    for _ in range(5):
        limiter.acquire()
    assert clock.slept == [0.5, 0.5]


def test_cost_beyond_the_capacity_waits_for_the_rest():
    clock = FakeClock()
    bucket(clock, capacity=10, rate=1).acquire(15)
    assert clock.slept == [5.0]


def test_share_scales_capacity_and_rate():
    clock = FakeClock()
    limiter = bucket(clock, capacity=10, rate=10, share=0.5)
    limiter.acquire(5)
    assert clock.slept == []
    limiter.acquire(5)
    assert clock.slept == [1.0]


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_share_is_a_part(share):
    with pytest.raises(ValueError, match="share"):
        LocalLimiter(capacity=1, rate=1, share=share)


def test_vendor_knows_of_less():
    clock = FakeClock()
    limiter = bucket(clock, capacity=100, rate=10)
    limiter.correct(5)
    limiter.acquire(15)
    assert clock.slept == [1.0]


def test_vendor_cannot_make_more_of_it():
    clock = FakeClock()
    limiter = bucket(clock, capacity=100, rate=10)
    limiter.acquire(100)
    limiter.correct(90)
    limiter.acquire(10)
    assert clock.slept == [1.0]


def test_refund_returns_what_was_not_used():
    clock = FakeClock()
    limiter = bucket(clock, capacity=100, rate=1)
    limiter.acquire(100)
    limiter.refund(60)
    limiter.acquire(60)
    assert clock.slept == []
    limiter.refund(-10)
    limiter.acquire(1)
    assert clock.slept == [11.0]


def test_pause_holds_back_for_its_time():
    clock = FakeClock()
    limiter = bucket(clock, capacity=100, rate=4)
    limiter.pause(10)
    limiter.acquire(4)
    assert clock.slept == [11.0]


def test_plan_is_learned():
    clock = FakeClock()
    limiter = bucket(clock, capacity=10, rate=1, share=0.5)
    limiter.learn(1000, 100)
    assert (limiter.capacity, limiter.rate) == (500, 50)


def test_two_processes_share_one_bucket():
    clock, store = FakeClock(), MemoryStore()
    options = {"capacity": 10, "rate": 1, "store": store, "clock": clock, "sleep": clock.sleep}
    SharedLimiter("account", **options).acquire(10)
    SharedLimiter("account", **options).acquire(3)
    SharedLimiter("other", **options).acquire(10)
    assert clock.slept == [3.0]


def test_without_a_store_the_bucket_is_local():
    assert isinstance(shared_limiter("x", 1, 1, 1, None), LocalLimiter)
    assert isinstance(shared_limiter("x", 1, 1, 1, MemoryStore()), SharedLimiter)


def test_threads_stand_in_line():
    store, waits, lock = MemoryStore(), [], threading.Lock()

    def take() -> None:
        wait = store.take("x", 1, 1, 10, 0.0)
        with lock:
            waits.append(round(wait, 6))

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [round(number / 10, 6) for number in range(20)]


def test_try_without_an_answer_costs_one():
    clock = FakeClock()
    limiter = bucket(clock, capacity=100, rate=1)
    client, _, _ = client_of(answer(503), answer(503), ok(), limiter=limiter, clock=clock)
    client.request("GET", "/x", stream="x", cost=90)
    assert clock.slept == [0.5, 1.0]


class CountingStore(MemoryStore):
    changes = 0

    def take(self, *args):
        self.changes += 1
        return super().take(*args)

    def correct(self, *args):
        self.changes += 1
        super().correct(*args)


def test_shared_bucket_is_changed_once_for_each_request():
    clock, store = FakeClock(), CountingStore()
    options = {"capacity": 1000, "rate": 1, "store": store, "clock": clock, "sleep": clock.sleep}
    limiter = SharedLimiter("account", **options)
    for _ in range(10):
        limiter.acquire(100)
        limiter.refund(90)
        limiter.correct(999)
    assert store.changes == 11
    assert clock.slept == []


def test_shared_bucket_owes_what_was_charged_too_much():
    clock, store = FakeClock(), MemoryStore()
    options = {"capacity": 10, "rate": 1, "store": store, "clock": clock, "sleep": clock.sleep}
    limiter = SharedLimiter("account", **options)
    limiter.acquire(10)
    limiter.refund(9)
    limiter.acquire(9)
    assert clock.slept == []
    limiter.acquire(2)
    assert clock.slept == [2.0]


def test_what_the_vendor_says_is_left_is_believed_less_what_others_are_to_find() -> None:
    waits: list[float] = []
    limiter = LocalLimiter(capacity=4000, rate=60, share=0.5, clock=lambda: 0.0, sleep=waits.append)
    limiter.acquire(2600)  # 600 into debt
    limiter.believe(3500, 4000, 60)
    waits.clear()
    limiter.acquire(1500)
    assert waits == []
    limiter.acquire(30)
    assert waits == [pytest.approx(1.0)]


def test_day_has_room_for_so_many_requests_and_the_next_day_again():
    clock = FakeClock(now=86_400.0 * 100 + 1)
    cap = DayCap("hubspot:main/day", limit=10, share=0.5, clock=clock)
    assert [cap.take() for _ in range(6)] == [True] * 5 + [False]
    clock.now += 80_000
    assert not cap.take()
    clock.now += 10_000
    assert cap.take()


def test_day_believes_the_vendor_less_what_others_are_to_find():
    cap = DayCap("x/day", limit=100, share=0.5, clock=lambda: 5.0)
    cap.correct(53)
    assert [cap.take() for _ in range(4)] == [True, True, True, False]
    cap.correct(90)
    assert not cap.take(), "a higher figure changes nothing"


def test_client_stops_when_the_day_is_used_up():
    vendor = FakeVendor([ok()])
    client = ApiClient(
        connector="tap-x",
        base_url="https://vendor.test",
        rules=Rules(),
        day_cap=DayCap("x/day", limit=2),
        transport=vendor.transport,
    )
    client.request("GET", "/a", stream="things")
    client.request("GET", "/a", stream="things")
    with pytest.raises(RateLimited, match=r"2 requests are used up.*midnight UTC"):
        client.request("GET", "/a", stream="things")
    assert len(vendor.requests) == 2
