"""The `overhead` suite: what frametalk adds to the time of its engines."""
