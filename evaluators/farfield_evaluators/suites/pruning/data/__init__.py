"""How the packs of the suite `pruning` are made."""
