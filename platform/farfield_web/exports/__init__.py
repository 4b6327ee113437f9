"""What leaves the site: boards, entries and runs in the forms that others read, and results that are signed."""
