"""The reference of the API as pages, made from the schema that the site serves."""
