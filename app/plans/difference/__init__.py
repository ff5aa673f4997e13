"""What differs between two versions of a plan, and the history of zones and points; see README.md."""
