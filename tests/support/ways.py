"""Which way the media of a person takes."""

from __future__ import annotations

from tests.support.attendee import Attendee

# The pair of addresses that media takes, as the page's connection says.
WAY = """async (side) => {
  const report = await window.__tongxin[side].getStats();
  const lines = [...report.values()];
  const transport = lines.find((line) => line.type === "transport" && line.selectedCandidatePairId);
  const local = report.get(report.get(transport?.selectedCandidatePairId)?.localCandidateId);
  const way = local?.candidateType === "relay" ? "relay" : "direct"; // over TCP the browser calls its end "prflx"
  return `${way} ${local?.relayProtocol ?? local?.protocol}`;
}"""


async def takes(person: Attendee, side: str, expected: str) -> None:
    """Media of this side ("pub", "sub") goes this way, as soon as the connection has settled on one."""
    await person.until(
        f"async ([side, expected]) => (await ({WAY})(side)) === expected",
        [side, expected],
        f"{side} of {person.name} by {expected}",
    )
