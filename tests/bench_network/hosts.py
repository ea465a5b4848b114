"""Four hosts: a server, and a publisher and two subscribers, each on a line of their own to it."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.namespaces import Host

from .line import End, Line, Lines

NETWORK = "10.99.60.0/24"
SERVER, PUBLISHER, SUBSCRIBER, STEADY = "10.99.60.1", "10.99.60.2", "10.99.60.3", "10.99.60.4"
ELSEWHERE = "10.99.60.{}3"  # further addresses that a client may appear under
DEVICE = "bench0"  # the one that tests/bench/janus.py names to Janus


@dataclass(frozen=True)
class Network:
    server: Host
    publisher: Host
    subscriber: Host
    steady: Host  # subscribes too; its line is left alone
    publishing: Line
    subscribing: Line


@contextlib.contextmanager
def network(seed: int) -> Iterator[Network]:
    mark = secrets.token_hex(3)
    hosts = [
        Host(f"tx-{mark}-{number}", address, DEVICE)
        for number, address in enumerate((SERVER, PUBLISHER, SUBSCRIBER, STEADY))
    ]
    with contextlib.ExitStack() as stack:
        for host in hosts:
            subprocess.run(["ip", "netns", "add", host.name], check=True)
            stack.callback(subprocess.run, ["ip", "netns", "delete", host.name], check=True)
        server, *clients = hosts
        ends = [
            End([client.address, ELSEWHERE.format(number)], client.name, client.link)
            for number, client in enumerate(clients, 1)
        ]
        lines = Lines(server.name, server.link, ends, seed)
        stack.callback(lines.close)
        for host in hosts:
            host.run("ip", "link", "set", "lo", "up")
            host.run("ip", "link", "set", host.link, "up")
            host.run("ip", "addr", "add", f"{host.address}/{NETWORK.partition('/')[2]}", "dev", host.link)
        publishing, subscribing, _ = lines.lines
        publisher, subscriber, steady = clients
        yield Network(server, publisher, subscriber, steady, publishing, subscribing)
