"""The `load` suite: how many talking sessions a server carries, and what its time is spent on."""
