"""How GLT's training and test sets are constructed from features: clusters, attributes, and the order of taking."""
