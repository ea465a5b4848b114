"""What operators can count about the wire.  Names follow Prometheus: base units, `_total` for counters."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge("tongxin_sockets", "Open WebSockets", ["phase"])  # stranger, identified
LINKS = Gauge("tongxin_relay_links", "Connections relayed between nodes", ["side"])  # edge, owner
MESSAGES = Counter("tongxin_messages_total", "Messages of clients that were carried out or refused", ["type"])
REFUSALS = Counter("tongxin_refusals_total", "Requests that were refused", ["type", "code"])
CLOSINGS = Counter("tongxin_closings_total", "Connections that the server closed", ["code"])
UPGRADES_REFUSED = Counter("tongxin_upgrades_refused_total", "WebSocket upgrades refused", ["reason"])
REQUEST_SECONDS = Histogram(
    "tongxin_request_seconds",
    "From the start of a request to its reply; of a join, to the snapshot",
    ["type"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
