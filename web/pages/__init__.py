"""HTML pages: each asks one right, gathers what its template needs and renders it."""
