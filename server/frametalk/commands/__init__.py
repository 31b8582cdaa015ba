"""The commands, one file each: `add` says how a command is written, `run` does it.

What a command needs is imported when it runs, so that `--help` is quick.
"""
