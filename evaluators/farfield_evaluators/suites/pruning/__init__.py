"""Pruning: which part of a training set a model is trained on."""
