import { Camera } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { NAME_MAX_CHARS, type Code } from "../../../protocol.gen";
import { ApiError } from "../../../state/api";
import { Desk, type LinkCard } from "../../../state/assist/desk";
import { keepPass } from "../../../state/assist/pass";
import type { KeyValue } from "../../../state/preferences";
import { useApp, useText } from "../../context";
import { PageFrame } from "../../pages/page-frame";
import pages from "../../pages/page.module.css";
import { fieldFault, useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Fault } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import { useDeskWords } from "./words";

/** Where a link into a session leads: a name, one button, and one is inside. */
export default function AssistLinkPage({
  token,
  sessionStorage,
}: {
  token: string;
  sessionStorage: KeyValue | null;
}) {
  const { api, preferences, router } = useApp();
  const text = useText();
  const words = useDeskWords();
  const desk = useMemo(() => new Desk(api), [api]);
  const [card, setCard] = useState<LinkCard | null>(null);
  const [shut, setShut] = useState<Code | null>(null);
  const [name, setName] = useState(preferences.get().name);
  useEffect(() => {
    desk.lookAtLink(token).then(
      (found) => {
        if (found.phase === "ended") setShut("room_ended");
        else {
          setCard(found);
          if (found.name !== "") setName(found.name);
        }
      },
      (cause: unknown) => setShut(cause instanceof ApiError ? cause.code : "internal"),
    );
  }, [desk, token]);
  const form = useSubmit(async () => {
    const opened = await desk.openLink(token, name.trim());
    preferences.change({ name: opened.name });
    keepPass(sessionStorage, {
      code: opened.room_code,
      token: opened.token,
      name: opened.name,
      role: opened.role,
      sessionId: opened.session_id,
    });
    router.replace(`/assist/${opened.room_code}`);
  });
  if (shut)
    return (
      <PageFrame title={words.title}>
        <div className={pages.empty}>
          <h1>{words.shutTitle}</h1>
          <p>{text.errors[shut]}</p>
        </div>
      </PageFrame>
    );
  if (!card)
    return (
      <PageFrame title={words.title}>
        <p className={pages.soft} role="status">
          {words.looking}…
        </p>
      </PageFrame>
    );
  const isOnSite = card.role === "on_site";
  const nameFault = fieldFault(text, "name", form.fields["name"]);
  return (
    <PageFrame title={words.title}>
      <div className={pages.narrow}>
        <h1>{isOnSite ? words.openOnSite(card) : words.openTitle(card)}</h1>
        <p>{card.machine && card.machine !== card.title ? `${card.title} · ${card.machine}` : card.title}</p>
        <p className={pages.soft}>{words.openText[card.role]}</p>
        <form className={pages.form} onSubmit={form.onSubmit}>
          <TextField
            label={words.yourName}
            name="name"
            autoComplete="name"
            value={name}
            onChange={setName}
            maxLength={NAME_MAX_CHARS}
            hint={words.nameHint}
            fault={nameFault}
            isRequired
          />
          {form.code && !nameFault ? <Fault>{text.errors[form.code]}</Fault> : null}
          <Button
            type="submit"
            tone="primary"
            large
            wide
            isPending={form.pending}
            isDisabled={name.trim() === ""}
            testId="open-link"
          >
            {isOnSite ? <Camera size={20} aria-hidden /> : null}
            {isOnSite ? words.openCamera : words.open}
          </Button>
        </form>
        <p className={pages.small}>{words.openAs[card.role]}</p>
      </div>
    </PageFrame>
  );
}
