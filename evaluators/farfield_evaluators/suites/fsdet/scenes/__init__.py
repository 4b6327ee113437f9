"""Scenes composed of the shipped drawings: few-shot detection data that run here, made from a seed."""
