"""All that operators do, each a deed: pages, commands and the API are doors to the same ones."""
