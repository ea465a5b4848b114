"""What is true in a room of assistance, as values: marks, the phone on site, what is asked of it, the document shown.

A mark belongs to the frame that its author saw, named by its RTP timestamp; its points are pixels of that frame.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

MARKS_MAX = 500
MARK_NUMBERS_MAX = 32_768  # coordinates of all marks together: a snapshot stays well under a megabyte
MARK_POINTS_MAX = 512  # of a freehand stroke
MARK_TEXT_MAX_CHARS = 200
MARK_NUMBER_MAX = 999
MARK_WIDTH_MIN = 2
MARK_WIDTH_MAX = 24
FRAME_SIDE_MAX = 8_192  # pixels
ASKS_MAX = 8
ASK_OPEN_MS = 60_000
DOCUMENT_PAGES_MAX = 10_000


class AssistRole(StrEnum):
    """A person's part in assistance, beside their role in the room."""

    ON_SITE = "on_site"  # holds the camera; has the last word on the marks and on the device
    EXPERT = "expert"  # guides
    OBSERVER = "observer"


class MarkKind(StrEnum):
    ARROW = "arrow"  # tail, head
    CIRCLE = "circle"  # two opposite corners of the box around the ellipse
    RECTANGLE = "rectangle"  # two opposite corners
    FREEHAND = "freehand"  # 2 to MARK_POINTS_MAX points
    TEXT = "text"  # where it begins
    NUMBER = "number"  # its centre
    MEASURE = "measure"  # two ends of a line; the text says how long or how tight


class MarkColor(StrEnum):
    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    BLUE = "blue"
    WHITE = "white"


class MarkState(StrEnum):
    """How well the phone knows where the mark belongs now."""

    PLACING = "placing"  # it looks for the frame
    OK = "ok"
    WEAK = "weak"  # shown dashed: being found again
    LOST = "lost"  # hidden
    UNPLACED = "unplaced"  # the frame was not found: shown on its still, never guessed


class FrameRef(Struct, frozen=True):
    rtp_timestamp: int  # unsigned 32 bits, of the on-site camera's track as it was published
    width: int  # pixels, 1..FRAME_SIDE_MAX
    height: int


class DocumentRegion(Struct, frozen=True):
    """A part of a page, in 0..1 of its width and height."""

    document_id: str
    page: int  # from 1
    x: float
    y: float
    width: float
    height: float


class Mark(Struct, frozen=True):
    id: str  # made by the author's page
    author_id: str  # participant id
    author_name: str
    kind: MarkKind
    color: MarkColor
    width: float  # of the line, pixels of the frame
    points: tuple[float, ...]  # x0, y0, x1, y1, ..: pixels of the frame
    text: str
    number: int  # 0 = none
    frame: FrameRef
    made_at_ms: int
    state: MarkState = MarkState.PLACING
    confirmed_at_ms: int = 0  # 0 = nobody on site has said "this one"
    still_id: str = ""
    region: DocumentRegion | None = None
    # Drawn then, in an earlier session on the same machine, by `author_name`; who has no seat here: author_id is "".
    earlier_at_ms: int = 0  # 0 = in this session


class Earlier(Struct, frozen=True):
    """By whom and when a mark was drawn that is found again from an earlier session."""

    author_name: str
    at_ms: int


class CameraMode(StrEnum):
    VIDEO = "video"
    STILLS = "stills"  # the line is too narrow: stills, marks and sound


class Device(Struct, frozen=True):
    """The phone that leads, as it tells: marks are drawn on its camera's frames, and it is asked for torch and stills.

    The first on site that tells of itself leads, until somebody chooses another one or it gives up its seat.
    """

    participant_id: str = ""  # whose; "" = none has told yet
    mode: CameraMode = CameraMode.VIDEO
    torch: bool = False
    has_torch: bool = False
    zoom: float = 1.0
    zoom_min: float = 1.0
    zoom_max: float = 1.0
    frozen: bool = False
    battery_percent: int = -1  # -1 = not known
    warm: bool = False  # it tracks slower so as not to overheat


class AskKind(StrEnum):
    TORCH = "torch"  # value 0 off, 1 on
    ZOOM = "zoom"  # value: the factor
    STILL = "still"
    SWITCH_CAMERA = "switch_camera"
    FREEZE = "freeze"  # value 0 off, 1 on


class DeviceAsk(Struct, frozen=True):
    """What an expert would like the phone to do; the person on site, or their earlier word, decides."""

    id: str
    by: str  # participant id
    by_name: str
    ask: AskKind
    value: float
    asked_at_ms: int


class Placement(StrEnum):
    BESIDE = "beside"
    OVER = "over"


class ShownDocument(Struct, frozen=True):
    region: DocumentRegion
    placement: Placement
    by: str  # participant id


class RecordKind(StrEnum):
    """What is kept of a session, or of a symposium, outside of the room."""

    STILL = "still"
    RUN = "run"
    DOCUMENT = "document"
    MACHINE = "machine"
    REPORT = "report"
    SYMPOSIUM = "symposium"  # of any room; the others of assistance
