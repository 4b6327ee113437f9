"""One core for classifiers and regressors that are trained: what each method adds to it is one short file elsewhere."""
