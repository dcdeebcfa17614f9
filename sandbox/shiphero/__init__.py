"""A stand-in for ShipHero's GraphQL API, and for the warehouse floor behind it."""

from sandbox.shiphero.vendor import ShipHeroVendor

__all__ = ["ShipHeroVendor"]
