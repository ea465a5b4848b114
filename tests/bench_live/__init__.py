"""What a livestream costs: `python -m tests.bench_live`."""
