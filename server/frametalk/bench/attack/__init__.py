"""The suite `attack`: what hostile clients get, and what they cost the players beside them."""
