"""Connections that carry the wire: WebSockets, plain HTTP beside them, and a pair in memory."""
