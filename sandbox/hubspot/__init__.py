"""A stand-in for HubSpot's CRM API."""

from sandbox.hubspot.vendor import HubSpotVendor

__all__ = ["HubSpotVendor"]
