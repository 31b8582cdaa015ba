"""The guard: which words are stopped before the mind, before the voice, and before a tool."""
