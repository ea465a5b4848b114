import { ChevronLeft, ChevronRight, MonitorUp } from "lucide-react";
import { useRef, useState } from "react";
import { gridLayout } from "../../state/layout";
import { planStage, type StageItem } from "../../state/stage";
import { useStore, useText } from "../context";
import { Button, IconButton } from "../ui/button";
import { Alone } from "./alone";
import { OwnThumb } from "./own-thumb";
import { useMeeting } from "./room-context";
import styles from "./stage.module.css";
import { Tile } from "./tile";
import { PHONE, useMediaQuery } from "./use-media-query";
import { useSize } from "./use-size";

const GAP = 8;
const STRIP_MAX = 30;
const PAGER_HEIGHT = 52;

export function Stage({ onInvite }: { onInvite: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  const ref = useRef<HTMLDivElement>(null);
  const size = useSize(ref);
  const phone = useMediaQuery(PHONE);
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const layout = useStore(meeting.layout);
  const pinned = useStore(meeting.pinned);
  const mainSpeaker = useStore(meeting.mainSpeaker);
  const line = useStore(meeting.connection.line);
  const subscribing = useStore(meeting.media.subscriber.watch.line);
  if (!view) return null;
  const plan = planStage({ view, me, layout, pinned, mainSpeaker, ownFloats: phone });
  const own = view.participants[me];
  const alone = Object.keys(view.participants).length <= 1;
  const stale =
    subscribing.state === "interrupted" || (line.state === "lost" && subscribing.state !== "connected");
  return (
    <section
      ref={ref}
      className={styles.stage}
      aria-label={text.stage.label}
      data-kind={plan.kind}
      {...(stale ? { "data-stale": true } : {})}
    >
      {size.width === 0 ? null : plan.kind === "grid" ? (
        <Grid items={plan.items} me={me} width={size.width} height={size.height} phone={phone} />
      ) : (
        <Focus main={plan.main} strip={plan.strip} me={me} wide={size.width > size.height * 1.15 && !phone} />
      )}
      {alone ? <Alone onInvite={onInvite} /> : null}
      {phone && own && !alone ? <OwnThumb participant={own} /> : null}
      <OwnShare />
    </section>
  );
}

function Grid({
  items,
  me,
  width,
  height,
  phone,
}: {
  items: readonly StageItem[];
  me: string;
  width: number;
  height: number;
  phone: boolean;
}) {
  const text = useText();
  const [wanted, setPage] = useState(0);
  const request = {
    count: items.length,
    width,
    height,
    gap: GAP,
    // A single face may fill a phone held upright.
    minAspect: phone ? (items.length === 1 ? 0.45 : 0.72) : 1.2,
    maxAspect: 16 / 9,
    minTileWidth: phone ? 150 : 200,
    maxPerPage: phone ? 6 : 25,
  };
  const onePage = gridLayout(request);
  const grid = onePage.pages > 1 ? gridLayout({ ...request, height: height - PAGER_HEIGHT }) : onePage;
  const page = Math.min(wanted, grid.pages - 1);
  const shown = items.slice(page * grid.perPage, (page + 1) * grid.perPage);
  const tile = { width: grid.tileWidth, height: grid.tileHeight };
  return (
    <>
      <div className={styles.grid} {...(grid.pages > 1 ? { "data-paged": true } : {})}>
        {shown.map((entry) => (
          <Tile
            key={entry.key}
            participant={entry.participant}
            source={entry.source}
            isMe={entry.participant.id === me}
            style={tile}
            canPin={items.length > 1}
          />
        ))}
      </div>
      {grid.pages > 1 ? (
        <nav className={styles.pager} aria-label={text.stage.page({ page: page + 1, pages: grid.pages })}>
          <IconButton
            name={text.stage.previousPage}
            isDisabled={page === 0}
            onPress={() => setPage(page - 1)}
          >
            <ChevronLeft size={20} aria-hidden />
          </IconButton>
          <span className="tabular">
            {page + 1} / {grid.pages}
          </span>
          <IconButton
            name={text.stage.nextPage}
            isDisabled={page >= grid.pages - 1}
            onPress={() => setPage(page + 1)}
          >
            <ChevronRight size={20} aria-hidden />
          </IconButton>
        </nav>
      ) : null}
    </>
  );
}

function Focus({
  main,
  strip,
  me,
  wide,
}: {
  main: StageItem;
  strip: readonly StageItem[];
  me: string;
  wide: boolean;
}) {
  const text = useText();
  const shown = strip.slice(0, STRIP_MAX);
  return (
    <div className={styles.focus} data-wide={wide || undefined}>
      <div className={styles.main}>
        <Tile
          key={main.key}
          participant={main.participant}
          source={main.source}
          isMe={main.participant.id === me}
          canPin
        />
      </div>
      {shown.length > 0 ? (
        // A region that scrolls must be reachable with the keyboard.
        <div className={styles.strip} role="group" aria-label={text.people.title} tabIndex={0}>
          {shown.map((entry) => (
            <Tile
              key={entry.key}
              participant={entry.participant}
              source={entry.source}
              isMe={entry.participant.id === me}
              canPin
            />
          ))}
          {strip.length > shown.length ? (
            <p className={styles.moreTile}>{text.stage.others({ count: strip.length - shown.length })}</p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

/** While I share: said on the stage, with the way to stop. */
function OwnShare() {
  const meeting = useMeeting();
  const text = useText();
  const screen = useStore(meeting.local.screen);
  if (screen.state !== "on") return null;
  return (
    <div className={styles.sharing}>
      <MonitorUp size={18} aria-hidden />
      <span>{text.stage.yourScreen}</span>
      <Button tone="danger" onPress={() => void meeting.toggleShare()}>
        {text.bar.stopShare}
      </Button>
    </div>
  );
}
