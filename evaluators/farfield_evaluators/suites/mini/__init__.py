"""The demo's benchmarks: 14 classes as photographs and in ten drawing styles, and OOD detection against them."""
