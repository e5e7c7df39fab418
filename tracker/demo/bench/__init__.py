"""How fast the pages, files and forms are, and whether they are still as fast as a file in the repository says."""
