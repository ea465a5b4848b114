"""What the hub of a livestream costs: `python -m tests.bench_live_hub`."""
