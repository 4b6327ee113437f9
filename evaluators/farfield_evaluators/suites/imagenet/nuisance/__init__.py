"""Continuous nuisance shifts: where along a growing shift a classifier first fails."""
