"""OOD detectors, one a file."""
