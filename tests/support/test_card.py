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


def write_test_card(path: Path) -> Path:
    """Write a YUV4MPEG2 file (4:2:0) whose colour bars travel sideways, and return its path.

    The folder is made when it is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(FRAMES):
            file.write(b"FRAME\n")
            file.write(_plane(0, WIDTH, HEIGHT, 1, frame))
            file.write(_plane(1, WIDTH // 2, HEIGHT // 2, 2, frame))
            file.write(_plane(2, WIDTH // 2, HEIGHT // 2, 2, frame))
    return path


def _plane(component: int, width: int, height: int, scale: int, frame: int) -> bytes:
    shift = frame * WIDTH // FRAMES
    row = bytes(COLOURS[(x * scale + shift) // BAR_WIDTH % len(COLOURS)][component] for x in range(width))
    return row * height
