"""Models of real shape with random weights, for benches and tests: real speed, meaningless output."""
