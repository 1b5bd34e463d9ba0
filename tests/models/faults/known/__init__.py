"""Of each model with a fault: its line, its domain, and arguments that show it."""
