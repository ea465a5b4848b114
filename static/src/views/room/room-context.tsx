import { createContext, useContext } from "react";
import type { Meeting } from "../../state/meeting/meeting";

export interface RoomContextValue {
  readonly meeting: Meeting;
  readonly remoteFrame: () => void;
}

export const RoomContext = createContext<RoomContextValue | null>(null);

export function useRoom(): RoomContextValue {
  const value = useContext(RoomContext);
  if (!value) throw new Error("RoomContext is missing");
  return value;
}

export function useMeeting(): Meeting {
  return useRoom().meeting;
}
