"""Limits of tests that wait for something real."""

from __future__ import annotations

SOON_S = 30.0
"""For what takes milliseconds: machines that run tests stand still for seconds."""
