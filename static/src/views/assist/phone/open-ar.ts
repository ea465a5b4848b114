import { systemClock } from "../../../state/clock";
import { ArMode } from "../../../state/assist/xr/ar-mode";
import { openGlSurface } from "../../../state/assist/xr/gl-surface";
import type { XrMakers, XrSystem } from "../../../state/assist/xr/webxr";
import type { OverlayLook } from "../../../state/assist/overlay";
import type { OnSite } from "../../../state/assist/phone";
import type { Tracking } from "../../../state/assist/tracking";
import type { Meeting } from "../../../state/meeting/meeting";

interface XrConstructors {
  readonly XRRay: new (origin: object, direction: object) => object;
  readonly XRRigidTransform: new (position: object) => { readonly matrix: Float32Array };
}

const make: XrMakers = {
  ray: (origin, direction) => new (globalThis as unknown as XrConstructors).XRRay(origin, direction),
  transform: (position) => new (globalThis as unknown as XrConstructors).XRRigidTransform(position),
};

/** The phone's own sense of space, offered where it has one. */
export function openAr(
  meeting: Meeting,
  tracking: Tracking,
  onSite: OnSite,
  look: () => OverlayLook,
): ArMode {
  const { xr } = navigator as unknown as { readonly xr?: XrSystem };
  const arMode = new ArMode({
    system: xr ?? null,
    make,
    openSurface: openGlSurface(look),
    tracking,
    local: meeting.local,
    marks: () => meeting.view.get()?.marks ?? {},
    clock: systemClock,
    nowMs: () => performance.now(),
    log: (what, cause) => console.warn(`tongxin: ${what}`, cause),
  });
  onSite.correct = (frame) => arMode.correct(frame);
  onSite.onPlaced = (mark, capturedMs) => arMode.placed(mark, capturedMs);
  return arMode;
}
