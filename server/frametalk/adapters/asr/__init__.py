"""Recognisers: speech to text, streamed."""
