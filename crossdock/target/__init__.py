"""Bases of targets: the Singer side, and delivery through the journal."""

from crossdock.target.base import ROLLOUT, CrossdockTarget, OperationSink
from crossdock.target.delivery import Delivery

__all__ = ["ROLLOUT", "CrossdockTarget", "Delivery", "OperationSink"]
