"""ImageNet-1k under covariate shift, and the importers of everything that is tested beside it."""
