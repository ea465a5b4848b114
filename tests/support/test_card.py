"""A small moving picture for Chromium's fake camera: few pixels spare the encoder, movement proves that frames flow."""

from __future__ import annotations

from pathlib import Path

WIDTH = 160
HEIGHT = 120
FRAMES_PER_S = 5
FRAMES = 25
BAR_WIDTH = 16
# Y, U, V of white, yellow, cyan, green, magenta, red and blue at 75 % (ITU-R BT.601).
COLOURS = (
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
)


def write_test_card(
    path: Path, *, width: int = WIDTH, height: int = HEIGHT, frames_per_s: int = FRAMES_PER_S, frames: int = FRAMES
) -> Path:
    """Write a YUV4MPEG2 file (4:2:0) whose colour bars travel sideways, and return its path.

    The folder is made when it is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{frames_per_s}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(frames):
            file.write(b"FRAME\n")
            shift = frame / frames
            file.write(_plane(0, width, height, shift))
            file.write(_plane(1, width // 2, height // 2, shift))
            file.write(_plane(2, width // 2, height // 2, shift))
    return path


def _plane(component: int, width: int, height: int, shift: float) -> bytes:
    """`shift`: how far of the width the bars have travelled."""
    bars = WIDTH // BAR_WIDTH
    row = bytes(COLOURS[int((x / width + shift) * bars) % len(COLOURS)][component] for x in range(width))
    return row * height
