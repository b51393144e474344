"""Programs that print, run by hand: `python -m tests.bench` for the server, `python -m tests.bench.browser` for the page."""
