"""The running stages of one session."""
