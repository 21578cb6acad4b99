"""Where everything is kept: SQL in named files, packed columns, one module per database."""
