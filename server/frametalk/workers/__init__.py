"""Engines in supervised child processes: crashes and GPL code stay outside the server."""
