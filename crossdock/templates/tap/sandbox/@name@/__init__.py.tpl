"""A stand-in of @title@: orders that are read, parcels that are told."""

from sandbox.@name@.vendor import @Class@Vendor

__all__ = ["@Class@Vendor"]
