"""A silent film of still pictures, one after the other, that any browser plays: what an invented park shows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

Picture = npt.NDArray[np.uint8]

FRAMES_PER_S: Final = 5


def write_slides(path: Path, slides: Iterable[Picture], width: int, height: int, seconds_each: int) -> None:
    """`slides`: RGB of the shape (`height`, `width`, 3), both even.  H.264 in MP4, its index first."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_S)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = 2 * FRAMES_PER_S
        stream.codec_context.options = {"preset": "veryfast", "tune": "stillimage", "crf": "28"}
        for slide in slides:
            frame = VideoFrame.from_ndarray(slide, format="rgb24")
            for _ in range(seconds_each * FRAMES_PER_S):
                frame.pts = None
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
