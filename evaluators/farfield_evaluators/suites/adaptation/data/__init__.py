"""How the packs of the suite `adaptation` are made."""
