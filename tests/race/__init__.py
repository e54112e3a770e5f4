"""Many people, several processes, one database, one cloud: nothing is lost and nothing doubled."""
