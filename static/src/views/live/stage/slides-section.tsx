import { ChevronLeft, ChevronRight, FileUp, Pause, Play, X } from "lucide-react";
import { useRef } from "react";
import { Button, IconButton } from "../../ui/button";
import { useStage } from "./stage-context";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

/** A PDF or a film of this device, shown to everybody as a shared screen. */
export function SlidesSection() {
  const { view, stage, desk, file, me, directs } = useStage();
  const words = useStageWords();
  const input = useRef<HTMLInputElement>(null);
  const { slides } = stage;
  const mayStop = slides !== null && (slides.by === me || directs);
  return (
    <section className={styles.section} data-testid="slides-section">
      <h3>{words.slides}</h3>
      {slides ? (
        <>
          <p>{words.showing({ title: slides.title, name: view.participants[slides.by]?.name ?? "" })}</p>
          <div className={styles.row}>
            {slides.kind === "pages" ? (
              <>
                <IconButton
                  name={words.previous}
                  {...(slides.page <= 1 ? { isDisabled: true } : {})}
                  onPress={() => void desk.turn(slides.page - 1)}
                >
                  <ChevronLeft size={18} aria-hidden />
                </IconButton>
                <span className={styles.page} data-testid="slides-page">
                  {words.page({ page: slides.page, pages: slides.pages })}
                </span>
                <IconButton
                  name={words.next}
                  testId="next-page"
                  {...(slides.page >= slides.pages ? { isDisabled: true } : {})}
                  onPress={() => void desk.turn(slides.page + 1)}
                >
                  <ChevronRight size={18} aria-hidden />
                </IconButton>
              </>
            ) : slides.by === me ? (
              <Button onPress={file.toggle} testId="play-film">
                {slides.playing ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
                {slides.playing ? words.pause : words.play}
              </Button>
            ) : null}
            {mayStop ? (
              <Button tone="quiet" onPress={file.stop} testId="stop-slides">
                <X size={16} aria-hidden />
                {words.stop}
              </Button>
            ) : null}
          </div>
        </>
      ) : (
        <p className={styles.soft}>{words.slidesText}</p>
      )}
      {file.state === "failed" ? (
        <div role="alert">
          <p className={styles.fault}>{words.badFile}</p>
          <p className={styles.soft}>{words.badFileText}</p>
        </div>
      ) : null}
      {slides === null || directs ? (
        <Button
          testId="choose-file"
          isDisabled={file.state === "opening"}
          onPress={() => input.current?.click()}
        >
          <FileUp size={16} aria-hidden />
          {file.state === "opening" ? `${words.opening}…` : words.choose}
        </Button>
      ) : null}
      <input
        ref={input}
        type="file"
        hidden
        accept="application/pdf,video/*"
        data-testid="slides-file"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          event.target.value = "";
          if (chosen) file.open(chosen);
        }}
      />
    </section>
  );
}
