"""Models from elsewhere: a catalogue, downloads that are checked, and a manifest of what is here.

Nothing is fetched but what `pull` was asked for, and no other part of frametalk fetches anything.
"""
