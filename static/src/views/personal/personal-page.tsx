import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { PersonalPanel } from "./panel";
import { usePersonalWords } from "./words";

const REFRESH_MS = 60_000;

/** One's own data: taking it along, and erasing it. */
export default function PersonalPage() {
  const words = usePersonalWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => (
        <>
          <div className={pages.titleRow}>
            <h1>{words.title}</h1>
          </div>
          {me.account ? <PersonalPanel of={me.account.id} isOwn /> : null}
        </>
      )}
    </MemberFrame>
  );
}
