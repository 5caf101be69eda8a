"""Confere: interviews off the recorder, sealed, drafted, corrected, and signed by a second person."""

__version__ = "0.1.0"
