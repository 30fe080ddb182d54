"""Tasks, objectives, strategies, and the loop that trains them."""
