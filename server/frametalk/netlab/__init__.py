"""A laboratory for networks: relays in user space that do to a connection what networks do."""
