"""The HTTP API: requests in, flows called, answers out."""
