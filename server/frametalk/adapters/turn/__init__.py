"""Turn detectors: how likely a turn has ended, by its sound."""
