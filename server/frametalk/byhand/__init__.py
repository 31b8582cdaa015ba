"""One engine at a time, tried by hand: a voice says a text, a recogniser hears a file."""
