"""Boards: which results are comparable, and their ranks."""
