"""`python -m bench [NAME ...]`: run all benchmarks, or some."""

import importlib
import sys

from bench.result import show

ALL = (
    "place_bulk",
    "place_single",
    "report_pages",
    "report_pages_xml",
    "report_depth",
    "report_open",
    "end_to_end",
    "end_to_end_personal",
    "end_to_end_single",
    "idle_latency",
    "otp_under_bulk",
    "disk_bytes",
    "memory",
    "webhooks",
)

for name in sys.argv[1:] or ALL:
    show(importlib.import_module(f"bench.{name}").run())
