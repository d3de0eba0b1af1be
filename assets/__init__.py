"""Models, samples and other files that travel with Guise."""
