"""Methods that learn tasks one after the other, with both towers of any CLIP model."""
