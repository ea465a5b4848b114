import { MARK_COLORS } from "../../../protocol.gen";
import type { Palette } from "../../../state/assist/overlay";

/** The colours of marks where `element` stands: a canvas reads no style sheet. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--mark-${name}`).trim();
  const colors = Object.fromEntries(MARK_COLORS.map((color) => [color, token(color)]));
  return { ...colors, ink: token("ink"), halo: token("halo") } as Palette;
}
