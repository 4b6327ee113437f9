"""What the people who run the site do, and the record of it."""
