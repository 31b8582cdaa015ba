"""`frametalk bench report`: results of suites as one HTML file that needs nothing else."""
