"""Voices: text to sound, with marks for words and mouth shapes."""
