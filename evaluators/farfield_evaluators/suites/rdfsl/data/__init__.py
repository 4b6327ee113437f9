"""How the packs of the suite `rdfsl` are made."""
