import { Activity, Fingerprint, KeyRound, LogOut, MonitorX, Phone, Settings, UserPlus } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { Me } from "../../state/api";
import { CallSomeone } from "../calls/call-someone";
import { useCallWords } from "../calls/words";
import { useApp, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { Confirm, type Question } from "../ui/dialog";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import controls from "../ui/controls.module.css";
import { AccountDialog, InviteColleagueDialog, SETTINGS_OPEN } from "./account-dialogs";
import { administers } from "./administers";

export function AccountMenu({ me }: { me: Me }) {
  const { account, router } = useApp();
  const text = useText();
  const calls = useCallWords();
  const [dialog, setDialog] = useState<"settings" | "invite" | "call" | null>(() =>
    window.location.search === SETTINGS_OPEN ? "settings" : null,
  );
  const [question, setQuestion] = useState<Question | null>(null);
  if (!me.account) return null;
  const signOut = (everywhere: boolean): void => {
    void account.signOut(everywhere).then(() => router.go("/"));
  };
  const closeSettings = (): void => {
    setDialog(null);
    if (window.location.search === SETTINGS_OPEN) router.replace(window.location.pathname);
  };
  return (
    <>
      <Menu
        label={text.account.menu}
        trigger={
          <AriaButton className={controls.icon ?? ""} aria-label={`${text.account.menu}: ${me.account.name}`}>
            <Avatar name={me.account.name} identity={me.account.id} size={32} />
          </AriaButton>
        }
      >
        <MenuItem icon={<Settings size={16} aria-hidden />} onAction={() => setDialog("settings")}>
          {text.account.settings}
        </MenuItem>
        <MenuItem icon={<Phone size={16} aria-hidden />} onAction={() => setDialog("call")}>
          {calls.contacts}
        </MenuItem>
        {administers(me).length > 0 ? (
          <MenuItem icon={<UserPlus size={16} aria-hidden />} onAction={() => setDialog("invite")}>
            {text.account.invite}
          </MenuItem>
        ) : null}
        <MenuItem
          icon={<KeyRound size={16} aria-hidden />}
          onAction={() => router.go("/administration/tokens")}
        >
          {text.account.tokens}
        </MenuItem>
        <MenuItem
          icon={<Fingerprint size={16} aria-hidden />}
          onAction={() => router.go("/settings/personal-data")}
        >
          {text.account.personal}
        </MenuItem>
        <MenuItem icon={<Activity size={16} aria-hidden />} onAction={() => router.go("/check")}>
          {text.landing.check}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<LogOut size={16} aria-hidden />} onAction={() => signOut(false)}>
          {text.account.signOut}
        </MenuItem>
        <MenuItem
          icon={<MonitorX size={16} aria-hidden />}
          onAction={() =>
            setQuestion({
              title: `${text.account.signOutEverywhere}?`,
              text: text.account.signOutEverywhereText,
              action: text.account.signOutEverywhere,
              run: () => signOut(true),
            })
          }
        >
          {text.account.signOutEverywhere}
        </MenuItem>
      </Menu>
      <AccountDialog isOpen={dialog === "settings"} onClose={closeSettings} me={me} />
      <InviteColleagueDialog isOpen={dialog === "invite"} onClose={() => setDialog(null)} me={me} />
      {dialog === "call" ? <CallSomeone onClose={() => setDialog(null)} /> : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}
