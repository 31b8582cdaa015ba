"""A small OpenAI-compatible server for tests and demos: no model, settable times, named faults."""
