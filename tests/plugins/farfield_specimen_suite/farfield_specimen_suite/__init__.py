"""OOD detection over folds of drawn squares."""
