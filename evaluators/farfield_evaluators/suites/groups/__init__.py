"""Data with groups: a label that goes with something else in training, and the worst group as the headline."""
