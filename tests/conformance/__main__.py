"""Writes docs/conformance.md: `python -m tests.conformance`."""

from pathlib import Path

from tests.conformance.table import page

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
