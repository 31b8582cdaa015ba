"""Decides: events in, actions out; no asyncio, no sockets, no models, no clock."""
