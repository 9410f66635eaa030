"""Background work: jobs that queue in the database, run as child processes and show their progress."""
