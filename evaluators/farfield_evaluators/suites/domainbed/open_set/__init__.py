"""Open-set domain generalisation from a few images: an unseen domain, with classes that no source has among its own."""
