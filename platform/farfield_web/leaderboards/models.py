"""Boards keep nothing: what they show is of runs and submissions. Two tables that were theirs are in migrations."""
