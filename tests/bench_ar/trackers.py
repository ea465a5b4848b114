"""The trackers under test: ours in Node, and OpenCV's optical flow with ORB or SIFT to re-anchor."""
# mypy: disable-error-code="import-not-found,no-any-return"

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.bench_ar.measure import Run

Array = Any
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
HERE = Path(__file__).parent


def bundle(folder: Path) -> Path:
    """static/src/ar as one minified module; the built file."""
    built = folder / "tracker.mjs"
    entry = STATIC / "src/ar/index.ts"
    subprocess.run(["node", str(HERE / "bundle.mjs"), str(STATIC), str(entry), str(built)], check=True, timeout=120)
    return built


def ours(sequence: Any, built: Path, folder: Path) -> Run:
    file = folder / "frames.gray"
    file.write_bytes(sequence.frames.tobytes())
    height, width = sequence.frames.shape[1:]
    marks = ",".join(str(float(v)) for v in sequence.truth[0])
    command = ["node", str(HERE / "track.mjs"), str(built), str(file), str(width), str(height), marks]
    done = subprocess.run(command, check=True, timeout=300, capture_output=True, text=True)
    return read_run(json.loads(done.stdout))


def read_run(told: Any) -> Run:
    frames = told["frames"]
    places = np.array([[f["x"], f["y"]] for f in frames], float)
    costs = [f["cpu_ms"] for f in frames]
    key = told["keyframe"]
    return Run([f["state"] for f in frames], places, costs, key["ms"], key["cpu_ms"])


def opencv(sequence: Any, features: str) -> Run:
    """KLT from frame to frame; ORB every frame that it fails and each 10th, or SIFT when it fails and each 30th."""
    detector = cv2.ORB_create(1000) if features == "orb" else cv2.SIFT_create(800)
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING if features == "orb" else cv2.NORM_L2)
    every = 10 if features == "orb" else 30
    started = time.process_time()
    key = sequence.frames[0]
    mark = sequence.truth[0].reshape(1, 1, 2)
    key_points, key_words = detector.detectAndCompute(key, None)
    corners = cv2.goodFeaturesToTrack(key, 200, 0.01, 10)
    key_ms = 1000 * (time.process_time() - started)
    known, points, last = corners.copy(), corners.copy(), key
    states: list[str] = []
    places, cost = [], []
    h: Any = np.eye(3)
    for i, frame in enumerate(sequence.frames):
        started = time.process_time()
        if h is not None and points is not None and len(points) >= 8:
            moved, status, _ = cv2.calcOpticalFlowPyrLK(last, frame, points, None, winSize=(21, 21), maxLevel=3)
            back, back_status, _ = cv2.calcOpticalFlowPyrLK(frame, last, moved, None, winSize=(21, 21), maxLevel=3)
            fine = (
                (status.ravel() == 1)
                & (back_status.ravel() == 1)
                & (np.abs(back - points).reshape(-1, 2).max(axis=1) < 1)
            )
            known, points = known[fine], moved[fine]
            h = _fit(known, points)
        else:
            h = None
        if h is None or i % every == every - 1:
            again = _anchor(detector, matcher, key_points, key_words, frame)
            if again is not None:
                h = again
                known = corners.copy()
                points = cv2.perspectiveTransform(corners, h).astype(np.float32)
        states.append("lost" if h is None else "ok")
        places.append([-1.0, -1.0] if h is None else cv2.perspectiveTransform(mark, h).ravel())
        last = frame
        cost.append(1000 * (time.process_time() - started))
    return Run(states, np.array(places), cost, key_ms)


def _fit(known: Array, points: Array) -> Array | None:
    if len(known) < 10:
        return None
    h, inliers = cv2.findHomography(known, points, cv2.RANSAC, 3.0)
    return h if h is not None and inliers.sum() >= 10 else None


def _anchor(detector: Any, matcher: Any, key_points: Any, key_words: Array, frame: Array) -> Array | None:
    points, words = detector.detectAndCompute(frame, None)
    if words is None or key_words is None or len(words) < 10:
        return None
    pairs = [p for p in matcher.knnMatch(key_words, words, k=2) if len(p) == 2]
    good = [a for a, b in pairs if a.distance < 0.75 * b.distance]
    if len(good) < 12:
        return None
    known = np.array([key_points[m.queryIdx].pt for m in good], np.float32).reshape(-1, 1, 2)
    seen = np.array([points[m.trainIdx].pt for m in good], np.float32).reshape(-1, 1, 2)
    h, inliers = cv2.findHomography(known, seen, cv2.RANSAC, 3.0)
    return h if h is not None and inliers.sum() >= 12 else None
