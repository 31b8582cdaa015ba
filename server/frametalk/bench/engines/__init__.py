"""The `engines` suite: recogniser, voice, language model and workers, each by itself."""
