"""The GPT, its trace, its cache, and the plain reference that tests hold it against."""
