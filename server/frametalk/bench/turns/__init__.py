"""The `turns` suite: how soon turns are answered, and what stops a reply."""
