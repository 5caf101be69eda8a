"""Copies of a vault elsewhere: ciphertext only, incremental, checked after copying."""
