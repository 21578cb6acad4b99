"""`python -m teslimat` is the command `teslimat`."""

from teslimat.cli.main import run

run()
