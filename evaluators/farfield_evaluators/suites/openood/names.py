"""Names of the packs of drawings, which boards and importers share."""

DRAWINGS = "openood-drawings"
OUTLIERS = "openood-drawings-outliers"
OPEN_SET_DRAWINGS = "open-set-drawings"
