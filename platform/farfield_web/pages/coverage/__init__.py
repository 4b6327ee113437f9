"""What of papers and of their code is here, and how far: the tables of docs/coverage as pages."""
