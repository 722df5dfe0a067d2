"""One module for each contract: its addresses, its bodies, its answers, its errors."""
