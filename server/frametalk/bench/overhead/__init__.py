"""The `overhead` suite: what frametalk adds to its engines."""
