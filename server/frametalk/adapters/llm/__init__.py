"""Minds: what a character says and does."""
