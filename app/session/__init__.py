"""What the user is working on: objects with signals, no widgets."""
