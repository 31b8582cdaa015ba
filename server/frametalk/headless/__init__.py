"""A game engine without a screen: speaks only the wire, and shows what a client must do."""
