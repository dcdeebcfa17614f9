"""Crossdock: keeps a small warehouse's shop, CRM, WMS and carriers telling the same story."""

__version__ = "0.1.0"
