"""How it came out."""
