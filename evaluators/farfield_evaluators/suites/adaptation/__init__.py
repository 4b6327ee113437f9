"""Adaptation: a model of source data, and a few labels of the domain that it is tested on."""
