"""Fetches models: a catalogue, checked downloads, and a manifest of each model on this machine.

It fetches only what `pull` asks for, and no other part of frametalk fetches anything.
"""
