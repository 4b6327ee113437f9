"""What an author may still do with an entry: edit its words, withdraw it, and hide whose it is."""
