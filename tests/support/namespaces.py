"""Network namespaces of a test's own: several hosts on one machine, joined by veth pairs.  They need root.

Traffic goes only between the addresses made here; a namespace is deleted with everything in it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

NETWORK = "10.99.{lot}.{host}"
NETWORK_V6 = "fd99:{lot}::{host}"


@dataclass(frozen=True)
class Host:
    """One namespace with one address.  `command` is the prefix that runs a program inside."""

    name: str
    address: str
    link: str

    @property
    def command(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def run(self, *words: str) -> None:
        """Run to its end inside; CalledProcessError when it fails."""
        subprocess.run([*self.command, *words], check=True, capture_output=True)


def available() -> str:
    """ "" when namespaces can be made, else the reason why not."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    probe = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    return "" if probe.returncode == 0 else f"this kernel makes no network namespaces: {probe.stderr.decode().strip()}"


@contextlib.contextmanager
def pair(lot: int = 50, network: str = NETWORK) -> Iterator[tuple[Host, Host]]:
    """Two hosts on one link, the first and the second of `network`, loopback up in both."""
    mark = secrets.token_hex(3)
    hosts = tuple(
        Host(f"tx-{mark}-{number}", network.format(lot=lot, host=number), f"tx{mark}{number}") for number in (1, 2)
    )
    made: list[Host] = []
    try:
        for host in hosts:
            _ip("netns", "add", host.name)
            made.append(host)
            _no_duplicate_address_detection(host)
        one, two = hosts
        _ip("link", "add", one.link, "netns", one.name, "type", "veth", "peer", two.link, "netns", two.name)
        for host in hosts:
            host.run("ip", "addr", "add", f"{host.address}/{64 if ':' in host.address else 24}", "dev", host.link)
            host.run("ip", "link", "set", host.link, "up")
            host.run("ip", "link", "set", "lo", "up")
        yield hosts[0], hosts[1]
    finally:
        for host in made:
            _ip("netns", "delete", host.name)


def shut(host: Host, *open_ports: str) -> None:
    """A firewall in front of `host`: from the link only `open_ports` ("udp 3478") come in, the rest is lost.

    What the host sends itself, and what comes back to it, passes: the relay stands on it.
    """
    ports = "".join(
        f"add rule inet wall gate iifname {host.link} {port.partition(' ')[0]} dport {port.partition(' ')[2]} accept;"
        for port in open_ports
    )
    host.run(
        "nft",
        "add table inet wall; add chain inet wall gate { type filter hook input priority 0; policy accept; };"
        f"{ports} add rule inet wall gate iifname {host.link} meta l4proto {{ tcp, udp }} drop;",
    )


def cut_udp(host: Host) -> None:
    """From now on no datagram comes in from the link; what is TCP goes on."""
    host.run(
        "nft",
        "add table inet cut; add chain inet cut gate { type filter hook input priority 0; policy accept; };"
        f"add rule inet cut gate iifname {host.link} meta l4proto udp drop;",
    )


def _no_duplicate_address_detection(host: Host) -> None:
    """Have IPv6 addresses usable at once (RFC 4862 5.4).  Detection ends a second or two after the link is up, which a
    browser takes for a change of network: it drops the page that it is just loading (net::ERR_NETWORK_CHANGED)."""
    for which in ("all", "default"):
        host.run("sh", "-c", f"test ! -d /proc/sys/net/ipv6 || echo 0 > /proc/sys/net/ipv6/conf/{which}/accept_dad")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
