"""A voice for game characters. The path of sound:

microphone -> transports -> wire -> session -> pipeline.microphone (VAD, recogniser) -> core.endpointing
-> core.turn -> pipeline.think (mind, scene, tools) -> text.clauses -> pipeline.speak (voice,
core.visemes) -> wire -> transports -> the client's playback and mouth -> `played` reports
-> core.heard -> core.dialogue.

Words (all of them: docs/architecture.md). A *turn* is what the player says; *endpointing* decides where
it ends, after the *endpoint delay*. A *reply* is the answer, on a sample clock of its own. A *draft* is a
reply made before its turn has certainly ended: *released* when it has, else *discarded*. A reply is
*ducked* under the player's voice, *paused* while its clock stands, and *cut* for good by a *barge-in*; a
*backchannel* does not cut it. To *finalize* is to ask a recogniser for its text now. What was *heard* is
what the client's `played` reports say. To *hold* is to withhold an answer until the turn or the floor
allows it. The *mind* decides what a character says and does.
"""

__version__ = "0.1.0"
