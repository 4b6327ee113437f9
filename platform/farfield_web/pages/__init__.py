"""The pages a person reads: server-rendered, live parts by htmx, complete without JavaScript."""
