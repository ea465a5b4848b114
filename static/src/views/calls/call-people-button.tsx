import { Phone } from "lucide-react";
import { useState } from "react";
import type { CallAbout } from "../../state/desk/calls";
import { Button } from "../ui/button";
import { CallSomeone } from "./call-someone";
import { useCallWords } from "./words";

/** "Call" on the page of a thing: offers those who have to do with it. */
export function CallPeopleButton({ about }: { about: CallAbout }) {
  const words = useCallWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button large onPress={() => setOpen(true)} testId="call-people">
        <Phone size={18} aria-hidden />
        {words.callPeople}
      </Button>
      {isOpen ? <CallSomeone about={about} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
