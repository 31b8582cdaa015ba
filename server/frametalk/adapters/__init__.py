"""Engines behind contracts; third-party libraries are used here and nowhere else."""
