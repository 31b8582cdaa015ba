"""Models of real shape and random weights: their speed is real, their output is noise."""
