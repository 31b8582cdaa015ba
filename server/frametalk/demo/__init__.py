"""`frametalk demo`: its web page, and how headsets on the same network reach it."""
