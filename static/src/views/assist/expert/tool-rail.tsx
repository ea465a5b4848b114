import {
  Circle,
  Hash,
  MousePointer2,
  MoveUpRight,
  Pencil,
  PencilRuler,
  Redo2,
  Square,
  Target,
  Type,
  Undo2,
} from "lucide-react";
import type { ReactNode } from "react";
import { ToggleButton, Toolbar } from "react-aria-components";
import { MARK_COLORS } from "../../../protocol.gen";
import { TOOLS, WIDTHS, type Tool } from "../../../state/assist/drawing";
import { COLOR_KEYS, TOOL_KEYS } from "../../../state/assist/expert-keys";
import { useStore } from "../../context";
import { IconButton, WithTooltip } from "../../ui/button";
import { useDesk } from "./desk-context";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

const ICONS: Readonly<Record<Tool, ReactNode>> = {
  pointer: <MousePointer2 size={20} aria-hidden />,
  arrow: <MoveUpRight size={20} aria-hidden />,
  circle: <Circle size={20} aria-hidden />,
  rectangle: <Square size={20} aria-hidden />,
  freehand: <Pencil size={20} aria-hidden />,
  text: <Type size={20} aria-hidden />,
  number: <Hash size={20} aria-hidden />,
  measure: <PencilRuler size={20} aria-hidden />,
  laser: <Target size={20} aria-hidden />,
};
const WIDTH_NAMES = ["thin", "medium", "thick"] as const;

/** One column of tools; on a narrow screen one row that scrolls. */
export function ToolRail() {
  const { marks } = useDesk().desk;
  const text = useExpertText();
  const tool = useStore(marks.tool);
  const color = useStore(marks.color);
  const width = useStore(marks.width);
  const canUndo = useStore(marks.canUndo);
  const canRedo = useStore(marks.canRedo);
  return (
    <Toolbar className={styles.rail ?? ""} aria-label={text.tools.label} orientation="vertical">
      {TOOLS.map((each) => (
        <WithTooltip key={each} text={text.tools[each]} shortcut={TOOL_KEYS[each]}>
          <ToggleButton
            className={styles.tool ?? ""}
            aria-label={text.tools[each]}
            isSelected={tool === each}
            onChange={() => marks.tool.set(each)}
            data-testid={`tool-${each}`}
          >
            {ICONS[each]}
          </ToggleButton>
        </WithTooltip>
      ))}
      <span className={styles.railGap} aria-hidden />
      <div className={styles.group} role="group" aria-label={text.colors.label}>
        {MARK_COLORS.map((each) => (
          <WithTooltip key={each} text={text.colors[each]} shortcut={COLOR_KEYS[each]}>
            <ToggleButton
              className={styles.swatch ?? ""}
              aria-label={text.colors[each]}
              isSelected={color === each}
              onChange={() => marks.chooseColor(each)}
              data-color={each}
              data-testid={`color-${each}`}
            />
          </WithTooltip>
        ))}
      </div>
      <span className={styles.railGap} aria-hidden />
      <div className={styles.group} role="group" aria-label={text.widths.label}>
        {WIDTHS.map((each, index) => (
          <WithTooltip key={each} text={text.widths[WIDTH_NAMES[index] ?? "medium"]}>
            <ToggleButton
              className={styles.tool ?? ""}
              aria-label={text.widths[WIDTH_NAMES[index] ?? "medium"]}
              isSelected={width === each}
              onChange={() => marks.width.set(each)}
            >
              <span className={styles.dot} style={{ width: each + 3, height: each + 3 }} aria-hidden />
            </ToggleButton>
          </WithTooltip>
        ))}
      </div>
      <span className={styles.railGap} aria-hidden />
      <IconButton
        name={text.undo}
        shortcut="Ctrl Z"
        isDisabled={!canUndo}
        onPress={() => void marks.undo()}
        className={styles.tool}
        testId="undo"
      >
        <Undo2 size={20} aria-hidden />
      </IconButton>
      <IconButton
        name={text.redo}
        shortcut="Ctrl Y"
        isDisabled={!canRedo}
        onPress={() => void marks.redo()}
        className={styles.tool}
        testId="redo"
      >
        <Redo2 size={20} aria-hidden />
      </IconButton>
    </Toolbar>
  );
}
