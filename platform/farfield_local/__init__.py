"""One machine: embedded services, the processes of a site, and the demo."""
