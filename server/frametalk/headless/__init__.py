"""A game engine without a screen: it speaks only the wire, and shows what a client must do."""
