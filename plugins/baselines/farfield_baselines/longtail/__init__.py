"""Long-tailed recognition methods, one a file."""
