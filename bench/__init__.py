"""The performance programme behind `make bench`: two databases of one shape, measured in SQL and over HTTP."""
