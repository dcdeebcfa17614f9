"""tap-@kebab@: its orders in the words of all channels."""

from __future__ import annotations

from sandbox.@name@ import @Class@Vendor
from sandbox.@name@.vendor import TOKEN
from sandbox.app import build
from sandbox.core import Sandbox
from sandbox.server import serving
from taps.@name@.tap import Tap@Class@
from tests.conformance.bench import run
from tests.taps.channels import channel_models, small_world


def test_its_orders_are_in_the_models(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))
    sandbox = Sandbox.of(small_world())
    sandbox.add(@Class@Vendor(sandbox))
    with serving(build(sandbox)) as url:
        config = {"api_url": f"{url}/@name@", "access_token": TOKEN, "share": 1}
        read = run(Tap@Class@(config=config))
    fetch = channel_models(tmp_path, "@name@", read)

    orders = fetch("select source_order_id, wms_shop_name, is_paid from intermediate.int_orders")
    numbers = {number.removeprefix("@name@_") for number, _, _ in orders}
    assert numbers == {f"o{n}" for n in range(1, 13)}
    assert {shop for _, shop, _ in orders} == {"crossdock-@name@"}
    assert all(is_paid for _, _, is_paid in orders)
    asked = fetch("""
        select request_source_id, channel_sku, remaining_quantity
        from intermediate.int_channels__fulfillment_request_lines
        join intermediate.int_channels__order_lines using (source_instance, line_source_id)
    """)
    assert {order for order, _, _ in asked} == {f"o{n}" for n in range(1, 13)}
    assert {sku for _, sku, _ in asked} <= {product.sku for product in small_world().products}
    assert all(remaining > 0 for _, _, remaining in asked)
