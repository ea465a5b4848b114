import { CircleAlert, CircleCheck, CircleX, LoaderCircle } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { systemClock } from "../../state/clock";
import { Doctor, type Finding } from "../../state/doctor";
import { probeUdp } from "../../state/media/probe";
import type { DoctorReport } from "../../state/api";
import { useApp, useStore, useText } from "../context";
import { fill, sentenceOf } from "../doctor-words";
import { Button, ButtonLink } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import styles from "./door.module.css";

/** The STUN address that the server's findings name, if any. */
function stunUrl(report: DoctorReport): string | null {
  for (const { values } of report.checks) {
    if (typeof values["stun"] === "string") return values["stun"];
    if (typeof values["media_host"] === "string" && values["media_port"] !== undefined)
      return `stun:${values["media_host"]}:${String(values["media_port"])}`;
  }
  return null;
}

/** One line with the result of the network test; all of it in a dialog. */
export function DoctorLine() {
  const { api } = useApp();
  const text = useText();
  const [open, setOpen] = useState(false);
  const doctor = useMemo(
    () =>
      new Doctor(
        api,
        {
          isSecureContext: window.isSecureContext,
          hasWebRtc: "RTCPeerConnection" in window,
          hasDevices: "mediaDevices" in navigator,
          probeMedia: async (report) => {
            const url = stunUrl(report);
            return url ? probeUdp((configuration) => new RTCPeerConnection(configuration), url) : null;
          },
        },
        systemClock,
      ),
    [api],
  );
  useEffect(() => {
    void doctor.run();
  }, [doctor]);
  const findings = useStore(doctor.findings);
  const running = useStore(doctor.running);
  const worst = Doctor.worst(findings);
  const rtt = findings.find((finding) => finding.name === "server")?.values["rtt_ms"];
  const line =
    worst && worst.state !== "ok"
      ? sentenceOf(text, worst)
      : running || !worst
        ? `${text.doctor.checking}…`
        : text.doctor.allWell({ ms: Number(rtt ?? 0) });
  return (
    <div className={styles.doctorLine} role="status">
      <StateIcon state={worst && worst.state !== "ok" ? worst.state : running || !worst ? "running" : "ok"} />
      <span>{line}</span>
      <Button tone="quiet" testId="doctor-details" onPress={() => setOpen(true)}>
        {text.doctor.details}
      </Button>
      <Dialog title={text.doctor.title} isOpen={open} onClose={() => setOpen(false)}>
        <ul className={styles.findings}>
          {findings.map((finding) => (
            <li key={finding.name} className={styles.finding}>
              <StateIcon state={finding.state} label={text.doctor.state[finding.state]} />
              <div>
                <p>{sentenceOf(text, finding)}</p>
                {finding.state !== "ok" && text.doctor.cures[finding.cure] ? (
                  <p>{fill(text.doctor.cures[finding.cure] ?? "", finding.values)}</p>
                ) : null}
              </div>
            </li>
          ))}
        </ul>
        <DialogActions>
          <ButtonLink href="/check">{text.doctor.wholeCheck}</ButtonLink>
          <Button onPress={() => void doctor.run()} isPending={running}>
            {text.doctor.again}
          </Button>
        </DialogActions>
      </Dialog>
    </div>
  );
}

function StateIcon({ state, label }: { state: Finding["state"]; label?: string }) {
  const name = label ? { "aria-label": label, role: "img" } : { "aria-hidden": true };
  switch (state) {
    case "ok":
      return <CircleCheck size={18} className={styles.ok} {...name} />;
    case "warning":
      return <CircleAlert size={18} className={styles.warning} {...name} />;
    case "fault":
      return <CircleX size={18} className={styles.fault} {...name} />;
    case "running":
      return <LoaderCircle size={18} {...name} />;
  }
}
