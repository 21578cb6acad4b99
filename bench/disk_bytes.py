"""Live pages per recipient of a finished order, once its closed submissions have been forgotten."""

import sqlite3
import time
from contextlib import closing

from bench.result import Result
from bench.rig import numbers, order_body, rig

RECIPIENTS, ORDERS = 50_000, 4


def run() -> Result:
    with rig() as gateway:
        for i in range(ORDERS):
            gateway.place(order_body([(f"Kampanya {i}", numbers(RECIPIENTS))]))
        gateway.await_settled(RECIPIENTS * ORDERS)
        with closing(sqlite3.connect(gateway.database, isolation_level=None, timeout=10)) as database:
            # As if an hour had passed: the gateway's own upkeep forgets what is due.
            database.execute("UPDATE submission SET forget_at = 0")
            while database.execute("SELECT COUNT(*) FROM submission").fetchone()[0]:
                time.sleep(0.1)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (size,) = database.execute("PRAGMA page_size").fetchone()
            (pages,) = database.execute("PRAGMA page_count").fetchone()
            (free,) = database.execute("PRAGMA freelist_count").fetchone()
        file_size = gateway.database.stat().st_size
    total = RECIPIENTS * ORDERS
    detail = {"live MiB": (pages - free) * size / 2**20, "file MiB": file_size / 2**20, "recipients": total}
    return Result("disk_bytes", (pages - free) * size / total, "bytes/recipient", "at most 32", detail)
