"""Scoring sets: from arrays and labels to figures, the same for a run, an official file and files of arrays."""
