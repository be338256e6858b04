"""Files as their publishers ship them, a module a publisher."""
