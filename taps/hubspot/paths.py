"""Where things are in HubSpot's API; the dated versions have other paths than the older ones."""

from __future__ import annotations

import re


class Paths:
    """The paths of one version."""

    version: str
    """`2026-09`, or an older one such as `v3`."""

    @property
    def dated(self) -> bool:
        """Whether the version is a date; the older ones have other paths."""
        return not re.fullmatch(r"v\d", self.version)

    def objects(self, object_type: str, *rest: str) -> str:
        """Path of an object type: `/crm/objects/2026-09/contacts/...`."""
        return "/".join((self._base("objects"), object_type, *rest))

    def properties(self, object_type: str, *rest: str) -> str:
        """Path of an object type's properties: `/crm/properties/2026-09/contacts/...`."""
        return "/".join((self._base("properties"), object_type, *rest))

    def pipelines(self, object_type: str) -> str:
        """Path of an object type's pipelines."""
        return f"{self._base('pipelines')}/{object_type}"

    def owners(self) -> str:
        """Path of the people who can own records."""
        return self._base("owners")

    def associations(self, from_type: str, to_type: str, *rest: str) -> str:
        """Path of the associations between two object types."""
        base = self._base("associations") if self.dated else "/crm/v4/associations"
        return "/".join((base, from_type, to_type, *rest))

    def associate(self, from_type: str, from_id: str, to_type: str, to_id: str) -> str:
        """Path of the default association between two records."""
        base = self._base("objects") if self.dated else "/crm/v4/objects"
        return f"{base}/{from_type}/{from_id}/associations/default/{to_type}/{to_id}"

    def _base(self, name: str) -> str:
        return f"/crm/{name}/{self.version}" if self.dated else f"/crm/{self.version}/{name}"
