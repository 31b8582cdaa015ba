"""Voice activity detection: how likely a window of sound is speech."""
