"""One engine at a time, tried by hand: a voice speaks a text, a recogniser reads a sound file."""
