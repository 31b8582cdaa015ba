"""A scripted character: patterns to lines and tool calls, from a file."""

from frametalk.adapters.llm.scripted.mind import ScriptedMind

__all__ = ["ScriptedMind"]
