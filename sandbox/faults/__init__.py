"""Faults on purpose: rules that break a vendor's answers; `middleware` applies them."""

from sandbox.faults.rules import OF_FILES, FaultError, Faults, Kind, Rule
from sandbox.faults.scripts import OTHER_VALUES, SCRIPTS

__all__ = [
    "OF_FILES",
    "OTHER_VALUES",
    "SCRIPTS",
    "FaultError",
    "Faults",
    "Kind",
    "Rule",
]
