"""The messages of the wire, and their bytes: pure data and functions."""
