"""WILDS: ten data sets whose training and test examples come from other places, times or people."""
