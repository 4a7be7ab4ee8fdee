"""One module a page; see shici/app/navigation.py."""
