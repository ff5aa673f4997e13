"""Running the platform: the private database cluster, the supervisor, what is missing on a machine."""
