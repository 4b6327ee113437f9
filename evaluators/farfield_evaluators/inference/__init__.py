"""What may be said of methods that were compared on the same examples: pairs, ranks, and ties, with their errors."""
