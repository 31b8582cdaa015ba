"""Sessions that outlive their server: what is kept of them, and the file in which it lies meanwhile."""
