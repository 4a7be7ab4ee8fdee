"""Typed settings of every door, and the one parser that reads them: see `shici.config.parse`."""
