"""What can be said about a graph before anything is trained."""
