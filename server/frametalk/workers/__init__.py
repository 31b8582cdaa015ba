"""Engines in supervised child processes, so that crashes and GPL code stay outside the server."""
