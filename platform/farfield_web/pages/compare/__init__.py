"""Pages that set entries beside one another: plots, comparisons and standings over benchmarks."""
