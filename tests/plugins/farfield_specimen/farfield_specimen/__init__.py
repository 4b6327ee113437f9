"""An example of a Farfield plugin: a classifier and an OOD detector on colour histograms."""
