"""The commands, one file each: `add` declares a command's arguments, `run` executes it.

A command imports what it needs when it runs, so that `--help` is fast.
"""
