"""ground (土台): what the house stands on: the shape of a step, the database server, what a machine must have."""
