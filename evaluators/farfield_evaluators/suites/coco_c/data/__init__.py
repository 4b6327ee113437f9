"""Making packs of corrupted images; apart, for it decodes them."""
