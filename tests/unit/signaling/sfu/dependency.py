"""Dependency descriptors (RTP Payload Format for AV1, appendix A), read for the tests: its own reader on purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace

NOT_PRESENT, DISCARDABLE, SWITCH, REQUIRED = range(4)


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def read(self, count: int) -> int:
        if count > self._left:
            raise ValueError("too short")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def below(self, n: int) -> int:
        """ns(n)"""
        width = n.bit_length()
        value = self.read(width - 1)
        shorter = (1 << width) - n
        return value if value < shorter else (value << 1) - shorter + self.read(1)


@dataclass(frozen=True)
class Template:
    spatial: int
    temporal: int
    indications: tuple[int, ...] = ()  # by decode target
    distances: tuple[int, ...] = ()
    chains: tuple[int, ...] = ()


@dataclass(frozen=True)
class Structure:
    offset: int
    templates: tuple[Template, ...]
    protected_by: tuple[int, ...]  # chain of each decode target; () = no chains
    layers: tuple[tuple[int, int], ...]  # spatial and temporal of each decode target
    sizes: tuple[tuple[int, int], ...]

    @property
    def targets(self) -> int:
        return len(self.layers)


@dataclass(frozen=True)
class Descriptor:
    first: bool
    last: bool
    number: int
    frame: Template
    structure: Structure
    attached: bool
    active: int | None


def read(element: bytes, structure: Structure | None) -> Descriptor:
    """Raises ValueError without a structure that it fits."""
    bits = _Bits(element)
    first, last, template, number = bool(bits.read(1)), bool(bits.read(1)), bits.read(6), bits.read(16)
    attached = has_active = own_indications = own_distances = own_chains = False
    active = None
    if len(element) > 3:
        attached, has_active, own_indications, own_distances, own_chains = (bool(bits.read(1)) for _ in range(5))
        if attached:
            structure = _structure(bits)
        if has_active and structure is not None:
            active = bits.read(structure.targets)
    if structure is None or (template - structure.offset) % 64 >= len(structure.templates):
        raise ValueError("unknown template")
    frame = structure.templates[(template - structure.offset) % 64]
    if own_indications:
        frame = replace(frame, indications=tuple(bits.read(2) for _ in range(structure.targets)))
    if own_distances:
        distances = []
        while size := bits.read(2):
            distances.append(bits.read(4 * size) + 1)
        frame = replace(frame, distances=tuple(distances))
    if own_chains:
        frame = replace(frame, chains=tuple(bits.read(8) for _ in frame.chains))
    return Descriptor(first, last, number, frame, structure, attached, active)


def _structure(bits: _Bits) -> Structure:
    offset, targets = bits.read(6), bits.read(5) + 1
    templates = [Template(0, 0)]
    while (step := bits.read(2)) != 3:
        was = templates[-1]
        place = ((was.spatial, was.temporal), (was.spatial, was.temporal + 1), (was.spatial + 1, 0))[step]
        templates.append(Template(*place))
    templates = [replace(item, indications=tuple(bits.read(2) for _ in range(targets))) for item in templates]
    for at, item in enumerate(templates):
        distances = []
        while bits.read(1):
            distances.append(bits.read(4) + 1)
        templates[at] = replace(item, distances=tuple(distances))
    chains = bits.below(targets + 1)
    protected_by = tuple(bits.below(chains) for _ in range(targets)) if chains else ()
    if chains:
        templates = [replace(item, chains=tuple(bits.read(4) for _ in range(chains))) for item in templates]
    layers = []
    for target in range(targets):
        own = [item for item in templates if item.indications[target] != NOT_PRESENT]
        layers.append((max(item.spatial for item in own), max(item.temporal for item in own)))
    sizes = []
    if bits.read(1):
        sizes = [(bits.read(16) + 1, bits.read(16) + 1) for _ in range(templates[-1].spatial + 1)]
    return Structure(offset, tuple(templates), protected_by, tuple(layers), tuple(sizes))
