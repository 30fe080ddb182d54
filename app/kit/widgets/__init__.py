"""Small widgets of our own, free of any meaning."""
