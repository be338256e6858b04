"""Many solves at once."""
