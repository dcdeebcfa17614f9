"""The built-in world: made by Faker from a seed, messy on purpose, with every case in it."""

from sandbox.builtin.build import builtin_world

__all__ = ["builtin_world"]
