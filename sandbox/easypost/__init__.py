"""A stand-in of EasyPost: trackers, addresses, shipments and the events about them."""

from sandbox.easypost.vendor import EasyPostVendor

__all__ = ["EasyPostVendor"]
