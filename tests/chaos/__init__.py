"""Runs that are killed, cut off, lied to and doubled, from a seed: each effect happens once."""
