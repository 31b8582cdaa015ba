"""`frametalk demo`: the page, and its way into headsets on the same network."""
