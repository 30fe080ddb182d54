"""The only room that knows about threads: jobs in child processes, small work in worker threads."""
