"""Detectors whose network is trained to detect, one a file."""
