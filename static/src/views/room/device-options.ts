import type { Device } from "../../state/media/local";
import { useText } from "../context";

/** The devices of a kind as one chooses among them; "" is what the system takes. */
export function useDeviceOptions(): (
  devices: readonly Device[],
  kind: "microphone" | "camera" | "speaker",
) => readonly { readonly id: string; readonly label: string }[] {
  const text = useText();
  return (devices, kind) => [
    { id: "", label: devices.length === 0 ? text.devices.noneFound : text.devices.systemDefault },
    ...devices
      .filter((device) => device.id !== "default")
      .map((device, index) => ({
        id: device.id,
        label: device.label || text.devices.numbered({ kind, number: index + 1 }),
      })),
  ];
}
