"""The suite `client`: what a game engine's client costs a frame, and how exact its lips are."""
