"""ground (土台): what the house stands on: the shape of a step, the database server, system needs."""
