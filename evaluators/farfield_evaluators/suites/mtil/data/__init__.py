"""How the packs of the suite `mtil` are made."""
