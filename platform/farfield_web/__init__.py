"""The Django site of Farfield."""
