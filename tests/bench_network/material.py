"""What the fake camera and microphone bring: a textured picture that moves and a voice-like sound that never stops."""

from __future__ import annotations

import array
import math
import random
import wave
from pathlib import Path

WIDTH, HEIGHT, FRAMES_PER_S = 960, 540, 25  # of this size a camera is sent in three sizes
FRAMES = 50
STEP = 8  # pixels of movement a frame
SAMPLES_PER_S = 48_000
SOUND_S = 4


def write_camera(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT), frames_per_s: int = FRAMES_PER_S) -> Path:
    """YUV4MPEG2: smooth random texture that travels, so that every frame costs bits."""
    chance = random.Random(5)
    shown, height = size
    width = shown + STEP * FRAMES
    rows = []
    for _ in range(height // 4):
        coarse = [chance.randrange(40, 216) for _ in range(width // 4 + 1)]
        rows.append(b"".join(bytes([value]) * 4 for value in coarse))
    chroma = bytes([128]) * (shown * height // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{shown} H{height} F{frames_per_s}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in (*range(FRAMES), *reversed(range(FRAMES))):
            shift = frame * STEP
            luma = b"".join(rows[y // 4][shift : shift + shown] for y in range(height))
            file.write(b"FRAME\n" + luma + chroma)
    return path


def write_microphone(path: Path) -> Path:
    """Harmonics of a gliding pitch in syllables: neither steady nor silent, so that nothing takes it for noise."""
    samples = array.array("h")
    phase = 0.0
    for index in range(SAMPLES_PER_S * SOUND_S):
        now_s = index / SAMPLES_PER_S
        phase += 2 * math.pi * (140 + 50 * math.sin(2 * math.pi * now_s / 2)) / SAMPLES_PER_S
        syllable = 0.3 + 0.7 * abs(math.sin(2 * math.pi * 2 * now_s))
        voice = sum(math.sin(phase * harmonic) / harmonic for harmonic in (1, 2, 3, 5, 8))
        samples.append(int(8_000 * syllable * voice / 2))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_S)
        file.writeframes(samples.tobytes())
    return path
