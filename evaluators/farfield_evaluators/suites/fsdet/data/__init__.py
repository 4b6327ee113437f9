"""From FsDet's files and COCO's images to a pack."""
