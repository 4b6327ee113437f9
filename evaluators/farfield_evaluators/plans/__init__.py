"""Run plans that fit most benchmarks: repeats with other seeds, grids of settings, folds of the data."""
