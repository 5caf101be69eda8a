"""Doubles: parts that do what the real ones do, in memory and at once."""
