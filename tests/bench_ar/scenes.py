"""What the camera looks at: gray pictures, float32 0..255, drawn here or taken from scikit-image's wheel."""
# mypy: disable-error-code="import-not-found,no-any-return"

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import skimage.data

Array = Any  # numpy's arrays; the bench alone has numpy
WIDTH, HEIGHT = 1600, 1200


def poster(rng: Array) -> tuple[Array, Array]:
    """A planar photograph with plenty of texture; returns picture and mark (x, y)."""
    name = ["astronaut", "coffee", "chelsea", "rocket"][int(rng.integers(4))]
    picture = cv2.cvtColor(getattr(skimage.data, name)(), cv2.COLOR_RGB2GRAY).astype(np.float32)
    picture = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    # Enlarged photographs are soft: print a raster of small things over them, as on a real plate.
    return np.clip(_speckled(picture, rng, 260), 0, 255), _mark(rng)


def panel(rng: Array) -> tuple[Array, Array]:
    """A control panel: rows of equal lamps and switches, labels that differ, a frame; the mark sits on a lamp."""
    picture = np.full((HEIGHT, WIDTH), 150.0, np.float32)
    picture += cv2.GaussianBlur(rng.normal(0, 6, picture.shape).astype(np.float32), (0, 0), 1.5)
    cv2.rectangle(picture, (150, 120), (WIDTH - 150, HEIGHT - 120), 178.0, -1)
    cv2.rectangle(picture, (150, 120), (WIDTH - 150, HEIGHT - 120), 60.0, 8)
    lamps = []
    for row in range(5):
        for column in range(8):
            x, y = 270 + column * 150, 230 + row * 175
            cv2.circle(picture, (x, y), 42, 70.0, -1, cv2.LINE_AA)
            cv2.circle(picture, (x, y), 33, 215.0, -1, cv2.LINE_AA)
            cv2.circle(picture, (x - 9, y - 9), 11, 250.0, -1, cv2.LINE_AA)
            label = f"{chr(65 + row)}{column + 1}-{int(rng.integers(10, 99))}"
            _print(picture, label, (x - 48, y + 78), 0.8, 40.0)
            lamps.append((x, y))
    middle = [p for p in lamps if 500 < p[0] < 1100 and 380 < p[1] < 800]
    return picture, np.array(middle[int(rng.integers(len(middle)))], np.float64)


def buttons(rng: Array) -> tuple[Array, Array]:
    """A keyboard of equal keys without print, worn differently, on a frame with two notes; the mark sits on a key."""
    picture = np.full((HEIGHT, WIDTH), 120.0, np.float32)
    picture += cv2.GaussianBlur(rng.normal(0, 7, picture.shape).astype(np.float32), (0, 0), 2)
    keys = []
    for row in range(6):
        for column in range(9):
            x, y = 180 + column * 155, 150 + row * 180
            cv2.rectangle(picture, (x - 55, y - 60), (x + 55, y + 60), 60.0, -1)
            cv2.rectangle(picture, (x - 48, y - 53), (x + 48, y + 53), 195.0, -1)
            worn = cv2.GaussianBlur(rng.normal(0, 1, (96, 96)).astype(np.float32), (0, 0), 6)
            picture[y - 48 : y + 48, x - 48 : x + 48] += 120 * worn
            keys.append((x, y))
    for x, y in ((300, 20), (1050, 1120)):
        cv2.rectangle(picture, (x, y), (x + 260, y + 60), 225.0, -1)
        _print(picture, f"PART {int(rng.integers(1000, 9999))}", (x + 16, y + 42), 1.0, 50.0)
    middle = [p for p in keys if 480 < p[0] < 1120 and 300 < p[1] < 900]
    return np.clip(picture, 0, 255), np.array(middle[int(rng.integers(len(middle)))], np.float64)


def plain(rng: Array) -> tuple[Array, Array]:
    """Painted sheet metal: faint unevenness, a few bolts and one plate with print."""
    picture = 140 + 14 * cv2.resize(
        rng.normal(0, 1, (6, 8)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    picture += cv2.GaussianBlur(rng.normal(0, 9, picture.shape).astype(np.float32), (0, 0), 3)
    for _ in range(26):
        x, y = int(rng.integers(80, WIDTH - 80)), int(rng.integers(80, HEIGHT - 80))
        cv2.circle(picture, (x, y), 16, 112.0, -1, cv2.LINE_AA)
        cv2.line(picture, (x - 9, y - 4), (x + 9, y + 4), 80.0, 4, cv2.LINE_AA)
    x, y = int(rng.integers(560, 760)), int(rng.integers(420, 620))
    cv2.rectangle(picture, (x, y), (x + 330, y + 170), 176.0, -1)
    for line in range(4):
        text = f"{['TYPE', 'NR', 'kW', 'Hz'][line]} {int(rng.integers(1000, 9999))}"
        _print(picture, text, (x + 20, y + 40 + 38 * line), 1.0, 70.0)
    return picture, np.array([x + 120, y + 90], np.float64)


def motorcycle(rng: Array) -> tuple[Array, Array, Array]:
    """A photographed motorcycle and its inverse depth (1: the median); the mark sits on the machine."""
    left, _, disparity = skimage.data.stereo_motorcycle()
    picture = cv2.cvtColor(left, cv2.COLOR_RGB2GRAY).astype(np.float32)
    known = np.isfinite(disparity) & (disparity > 0)
    filled = np.where(known, disparity, 0).astype(np.float32)
    weight = known.astype(np.float32)
    smooth = cv2.GaussianBlur(filled, (0, 0), 6) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 6), 1e-3)
    disparity = np.where(known, filled, smooth).astype(np.float32)
    disparity = cv2.medianBlur(disparity, 5)
    disparity = cv2.GaussianBlur(disparity, (0, 0), 1.5)
    height, width = picture.shape
    # Points in the machine's middle whose surroundings have one depth and some texture.
    slope = cv2.blur(np.abs(cv2.Laplacian(disparity, cv2.CV_32F)), (25, 25))
    texture = cv2.blur(np.abs(cv2.Laplacian(picture, cv2.CV_32F)), (21, 21))
    fit = (slope < np.median(slope) * 1.5) & (texture > np.median(texture))
    fit[: height // 4] = fit[-height // 5 :] = False
    fit[:, : width // 4] = fit[:, -width // 4 :] = False
    ys, xs = np.nonzero(fit)
    chosen = int(rng.integers(len(xs)))
    return picture, disparity / float(np.median(disparity)), np.array([xs[chosen], ys[chosen]], np.float64)


def _print(picture: Array, text: str, at: tuple[int, int], size: float, shade: float) -> None:
    ink = np.zeros(picture.shape, np.uint8)
    cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, 255, 2, cv2.LINE_AA)
    part = ink.astype(np.float32) / 255
    picture[:] = picture * (1 - part) + shade * part


def _mark(rng: Array) -> Array:
    return np.array([rng.uniform(600, 1000), rng.uniform(450, 750)])


def _speckled(picture: Array, rng: Array, count: int) -> Array:
    for _ in range(count):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        size = int(rng.integers(4, 22))
        shade = float(rng.uniform(10, 245))
        if rng.random() < 0.5:
            cv2.rectangle(picture, (x, y), (x + size, y + int(rng.integers(4, 22))), shade, -1)
        else:
            cv2.circle(picture, (x, y), size // 2 + 2, shade, -1, cv2.LINE_AA)
    return picture
