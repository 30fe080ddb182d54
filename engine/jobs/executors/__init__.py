"""Where jobs run: in this thread, or in a process of their own."""
