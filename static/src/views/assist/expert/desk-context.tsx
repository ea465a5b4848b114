import { createContext, useContext } from "react";
import type { ExpertDesk } from "../../../state/assist/expert-desk";
import type { Photos } from "../../../state/assist/photos";
import type { LivePicture } from "./live-picture";

export interface Desk {
  readonly desk: ExpertDesk;
  readonly live: LivePicture;
  readonly photos: Photos;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const value = useContext(DeskContext);
  if (!value) throw new Error("DeskContext is missing");
  return value;
}
