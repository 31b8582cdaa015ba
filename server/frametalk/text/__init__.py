"""Text for speech: what of a clause is spoken, shown and acted out, and where its words lie."""
