"""The suite `soak`: whether a server stays as small as it was, after many clients and many minutes."""
