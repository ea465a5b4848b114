import type {
  AnyClientMessage,
  AnyServerMessage,
  JoinedMessage,
  Participant,
  RoomView,
} from "../protocol.gen";
import { NO_DEVICE } from "./assist/apply";
import type { OpenSocket, SocketHandlers } from "./dialer";

/** The other end of the wire for unit tests and fixture pages: it keeps what was said and says what it is told to. */
export class ScriptedServer {
  readonly sockets: ScriptedSocket[] = [];

  readonly open: OpenSocket = (handlers) => {
    const socket = new ScriptedSocket(handlers);
    this.sockets.push(socket);
    return socket;
  };

  get latest(): ScriptedSocket {
    return this.at(-1);
  }

  /** The socket of this number, in the order in which they were opened. */
  at(index: number): ScriptedSocket {
    const socket = this.sockets.at(index);
    if (!socket) throw new Error("nobody has connected");
    return socket;
  }
}

export class ScriptedSocket {
  readonly received: AnyClientMessage[] = [];
  isClosed = false;

  constructor(private readonly handlers: SocketHandlers) {}

  send(text: string): void {
    this.received.push(JSON.parse(text) as AnyClientMessage);
  }

  close(): void {
    this.isClosed = true;
  }

  accept(): void {
    this.handlers.open();
  }

  say(message: AnyServerMessage): void {
    this.handlers.message(JSON.stringify(message));
  }

  /** The line breaks without a word. */
  break(): void {
    this.isClosed = true;
    this.handlers.closed();
  }

  types(): string[] {
    return this.received.map((message) => message.type);
  }

  last<T extends AnyClientMessage["type"]>(type: T): Extract<AnyClientMessage, { type: T }> {
    const message = this.received.findLast((other) => other.type === type);
    if (!message) throw new Error(`no ${type} was sent`);
    return message as Extract<AnyClientMessage, { type: T }>;
  }

  welcome(): void {
    this.say({
      type: "welcome",
      id: this.last("hello").id,
      protocol: 1,
      identity: "identity-1",
      name: "Li",
      node: "node-1",
      ping_interval_ms: 20_000,
      server_time_ms: 0,
    });
  }

  joined(room: RoomView, more: Partial<JoinedMessage> = {}): void {
    this.say({
      type: "joined",
      id: this.last("join").id,
      participant_id: "me",
      role: "guest",
      publish: ["microphone", "camera", "screen", "screen_audio"],
      resume: "resume-1",
      resumed: false,
      room,
      ice_servers: [],
      ...more,
    });
  }
}

export function participant(id: string, more: Partial<Participant> = {}): Participant {
  return {
    id,
    identity: `identity-${id}`,
    name: id,
    role: "guest",
    organization: "",
    presence: "here",
    joined_at_ms: 0,
    hand_raised_at_ms: 0,
    quality: "good",
    quality_cause: "",
    tracks: [],
    public_key: "",
    assist_role: null,
    ...more,
  };
}

export function roomView(people: readonly Participant[], more: Partial<RoomView> = {}): RoomView {
  return {
    id: "room-1",
    code: "abc-defg-hij",
    title: "Weekly sync",
    phase: "open",
    seq: 10,
    started_at_ms: 1,
    locked: false,
    lobby_enabled: false,
    guests_may_share: true,
    file_sharing: "everyone",
    encrypted: false,
    recording: { state: "off", id: "", by: "", since_ms: 0, end: null, tracks: false },
    participants: Object.fromEntries(people.map((person) => [person.id, person])),
    lobby: {},
    chat: [],
    assist: false,
    marks: {},
    device: NO_DEVICE,
    asks: {},
    document: null,
    stage: null,
    ...more,
  };
}
