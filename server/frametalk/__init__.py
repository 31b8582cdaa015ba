"""A voice for game characters. The path of sound:

microphone -> transports -> wire -> session -> pipeline.microphone (VAD, recogniser) -> core.endpointing
-> core.turn -> pipeline.think (mind, scene, tools) -> core.clauses -> pipeline.speak (voice,
core.visemes) -> wire -> transports -> the client's playback and mouth -> `played` reports
-> core.heard -> core.dialogue.
"""

__version__ = "0.1.0"
