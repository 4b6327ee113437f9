"""Methods of data selection: each chooses what a model is trained on, and the platform trains it."""
