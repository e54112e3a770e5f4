"""What the console costs, beside the same work done bare, in one run. No tests: `make bench-…`."""
