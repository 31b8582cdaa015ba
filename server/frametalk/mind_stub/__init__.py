"""A small OpenAI-compatible server for tests and demos: no model, adjustable times, named faults."""
