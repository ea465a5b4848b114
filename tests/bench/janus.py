"""Debian's Janus with its videoroom as a target: started with a configuration of our own in a temporary folder."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import time
from pathlib import Path
from typing import Any

from . import sdp, web
from .load import Crowd, Publisher, Receiver
from .peer import Certificate, Peer

ROOM = 1234
HTTP_PORT = 8088
PLUGINS = Path("/usr/lib/x86_64-linux-gnu/janus/plugins")
TRANSPORTS = Path("/usr/lib/x86_64-linux-gnu/janus/transports")
SSRC = 0x20001
JOIN_PATIENCE_S = 45.0

CORE = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{folder}/plugins"
  transports_folder = "{folder}/transports"
  events_folder = "{folder}/none"
  loggers_folder = "{folder}/none"
  debug_level = 2
  admin_secret = "{secret}"
}}
media: {{ ipv6 = false  rtp_port_range = "20000-40000"  slowlink_threshold = 0 }}
nat: {{ ice_lite = false  ice_tcp = false  ice_enforce_list = "bench0" }}
plugins: {{}}
transports: {{}}
"""
HTTP = """
general: {{ json = "compact"  base_path = "/janus"  http = true  port = {port}  ip = "{address}"  https = false }}
admin: {{ admin_http = false }}
"""
VIDEOROOM = """
general: {{}}
room-{room}: {{
  description = "bench"
  publishers = 100
  bitrate = 0
  videocodec = "vp8"
  video_svc = false
  fir_freq = 0
  notify_joining = false
}}
"""


def link_only(folder: Path, source: Path, names: tuple[str, ...]) -> None:
    folder.mkdir()
    for name in names:
        for found in source.glob(f"{name}.so"):
            (folder / found.name).symlink_to(found)


class Janus:
    name = "Janus 1.1 videoroom"

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True)
        values = {"folder": folder, "secret": secrets.token_hex(8), "port": HTTP_PORT, "address": address, "room": ROOM}
        (folder / "janus.jcfg").write_text(CORE.format(**values))
        (folder / "janus.transport.http.jcfg").write_text(HTTP.format(**values))
        (folder / "janus.plugin.videoroom.jcfg").write_text(VIDEOROOM.format(**values))
        link_only(folder / "plugins", PLUGINS, ("libjanus_videoroom",))
        link_only(folder / "transports", TRANSPORTS, ("libjanus_http",))
        self._address = address
        self._log = (folder / "janus.log").open("w")
        self._process = subprocess.Popen(
            ["janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")], stdout=self._log, stderr=self._log
        )
        self._host = (address, HTTP_PORT)
        self._session = 0
        self._wait_until_up()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _wait_until_up(self, timeout_s: float = 10.0) -> None:
        end = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(ConnectionError):
                self._session = self._post("/janus", {"janus": "create"})["data"]["id"]
                return
            if time.monotonic() > end or self._process.poll() is not None:
                raise TimeoutError(f"Janus did not start: see {self._log.name}")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        data = json.dumps({**body, "transaction": secrets.token_hex(6)}).encode()
        reply: dict[str, Any] = json.loads(web.ask(self._host, "POST", path, data).body)
        if reply.get("janus") == "error":
            raise RuntimeError(f"Janus refused: {reply}")
        return reply

    def _event(self) -> dict[str, Any]:
        """The next event of the session (a long poll)."""
        reply: dict[str, Any] = json.loads(web.ask(self._host, "GET", f"/janus/{self._session}?maxev=1").body)
        return reply

    def _ask(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """One request to the plugin; waits for its event, passing over others (webrtcup, media, keepalive)."""
        message: dict[str, Any] = {"janus": "message", "body": body}
        if jsep is not None:
            message["jsep"] = jsep
        self._post(f"/janus/{self._session}/{handle}", message)
        while True:
            event = self._event()
            if event.get("janus") == "event" and event.get("sender") == handle:
                data = event["plugindata"]["data"]
                if "error" in data:
                    raise RuntimeError(f"videoroom refused: {data}")
                if "jsep" in event or data.get("videoroom") != "event" or "started" in data or "configured" in data:
                    return event

    def _attach(self) -> int:
        reply = self._post(f"/janus/{self._session}", {"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return int(reply["data"]["id"])

    def connect(self, certificate: Certificate, crowd: Crowd) -> tuple[list[Publisher], list[Receiver]]:
        published = [self._publish(certificate, crowd.kind, number) for number in range(crowd.publishers)]
        feeds = [feed for _, feed in published]
        end = time.monotonic() + JOIN_PATIENCE_S
        receivers: list[Receiver] = []
        for _ in range(crowd.receivers):
            if time.monotonic() > end:
                raise TimeoutError(f"only {len(receivers)} of {crowd.receivers} got in within {JOIN_PATIENCE_S} s")
            receivers.append(self._subscribe(certificate, crowd.kind, feeds))
        return [publisher for publisher, _ in published], receivers

    def _publish(self, certificate: Certificate, kind: str, number: int) -> tuple[Publisher, int]:
        handle = self._attach()
        joined = self._ask(handle, {"request": "join", "ptype": "publisher", "room": ROOM, "display": "load"})
        feed = int(joined["plugindata"]["data"]["id"])
        peer = Peer(certificate, self._address)
        ssrc = SSRC + number
        offer = sdp.describe(peer, certificate.fingerprint, direction="sendonly", setup="active", kind=kind, ssrc=ssrc)
        event = self._ask(handle, {"request": "configure", kind: True}, {"type": "offer", "sdp": offer})
        remote = sdp.read_remote(event["jsep"]["sdp"], self._address)
        sending, _ = peer.connect(remote.address, remote.ufrag, remote.password)
        while self._event().get("janus") != "webrtcup":  # before it the feed does not exist for subscribers
            pass
        return Publisher(peer, sending, ssrc, sdp.PAYLOAD_TYPES[kind], sdp.TRANSPORT_CC_ID), feed

    def _subscribe(self, certificate: Certificate, kind: str, feeds: list[int]) -> Receiver:
        handle = self._attach()
        streams = [{"feed": feed, "mid": "0"} for feed in feeds]
        event = self._ask(handle, {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams})
        offer = event["jsep"]["sdp"]
        peer = Peer(certificate, self._address)
        mids = sdp.read_mids(offer)
        answer = sdp.describe(peer, certificate.fingerprint, direction="recvonly", setup="active", kind=kind, mids=mids)
        self._ask(handle, {"request": "start"}, {"type": "answer", "sdp": answer})
        remote = sdp.read_remote(offer, self._address)
        _, receiving = peer.connect(remote.address, remote.ufrag, remote.password)
        return Receiver(peer, receiving, sdp.PAYLOAD_TYPES[kind])

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._log.close()
