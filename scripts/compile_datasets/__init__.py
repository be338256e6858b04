"""One module a table; `../compile_datasets.py` runs them."""
