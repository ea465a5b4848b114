"""Address translation as a home router does it: datagrams stay valid, and what is forgotten is lost."""

from __future__ import annotations

import ipaddress
import struct

from tests.bench_network.nat import Nat

OWN, ELSEWHERE, SERVER = "10.0.0.2", "10.0.0.22", "10.0.0.1"


def checksum(data: bytes) -> int:
    """RFC 1071 1."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(source: str, source_port: int, target: str, target_port: int, payload: bytes = b"12345678") -> bytes:
    ends = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(target).packed
    udp = struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload
    pseudo = ends + struct.pack("!HH", 17, len(udp))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + udp[8:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + ends
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + udp


def ends_of(packet: bytes) -> tuple[str, int, str, int]:
    ports = struct.unpack_from("!HH", packet, 20)
    addresses = [str(ipaddress.IPv4Address(packet[at : at + 4])) for at in (12, 16)]
    return addresses[0], ports[0], addresses[1], ports[1]


def is_valid(packet: bytes) -> bool:
    pseudo = packet[12:20] + struct.pack("!HH", 17, len(packet) - 20)
    return checksum(packet[:20]) == 0 and checksum(pseudo + packet[20:]) == 0


def test_nothing_is_changed_before_the_first_rebinding() -> None:
    nat = Nat([OWN, ELSEWHERE])
    packet = datagram(OWN, 5000, SERVER, 8080)
    assert nat.outward(packet) == packet
    assert nat.inward(datagram(SERVER, 8080, OWN, 5000)) == datagram(SERVER, 8080, OWN, 5000)


def test_a_rebinding_changes_ports_and_answers_find_their_way() -> None:
    nat = Nat([OWN, ELSEWHERE])
    nat.rebind(move=False)
    out = nat.outward(datagram(OWN, 5000, SERVER, 8080))
    address, port, *_ = ends_of(out)
    assert (address, port != 5000, is_valid(out)) == (OWN, True, True)
    assert nat.outward(datagram(OWN, 5000, SERVER, 8080, b"abcdefgh"))[20:22] == out[20:22]
    assert ends_of(nat.outward(datagram(OWN, 5001, SERVER, 8080)))[1] != port
    assert nat.inward(datagram(SERVER, 8080, OWN, port)) == datagram(SERVER, 8080, OWN, 5000)


def test_a_move_changes_the_address_and_former_mappings_are_lost() -> None:
    nat = Nat([OWN, ELSEWHERE])
    nat.rebind(move=False)
    former = ends_of(nat.outward(datagram(OWN, 5000, SERVER, 8080)))[1]
    nat.rebind(move=True)
    out = nat.outward(datagram(OWN, 5000, SERVER, 8080))
    address, port, *_ = ends_of(out)
    assert (address, is_valid(out)) == (ELSEWHERE, True)
    assert nat.inward(datagram(SERVER, 8080, OWN, former)) is None
    assert nat.inward(datagram(SERVER, 8080, ELSEWHERE, port)) == datagram(SERVER, 8080, OWN, 5000)


def test_what_is_not_udp_passes() -> None:
    nat = Nat([OWN, ELSEWHERE])
    nat.rebind(move=True)
    segment = bytearray(datagram(OWN, 5000, SERVER, 443))
    segment[9] = 6
    assert nat.outward(bytes(segment)) == nat.inward(bytes(segment)) == bytes(segment)
