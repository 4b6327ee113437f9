"""Plots of boards: data as published, and their drawings in Vega-Lite."""
