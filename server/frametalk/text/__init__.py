"""Text for speech: what a voice says of a clause, what is shown and acted, and when each word is said."""
