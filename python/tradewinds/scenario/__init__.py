"""What is supposed to change: measures and scenarios."""
