"""Benchmarks: the real program on real sockets and a durable database; one file per question."""
