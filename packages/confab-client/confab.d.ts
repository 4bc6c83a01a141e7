/** Types of confab.js, the browser client of Confab. */

export type Transport = 'websocket' | 'sse' | 'longpoll' | 'shortpoll';

export interface ConnectOptions {
  /** The server, with the prefix it is mounted under; the root of the page's origin by default. Required in Node. */
  url?: string | URL;
  /** One room or several, read as one log; `lobby` by default. */
  room?: string | string[];
  /** Who takes part. With a name, others see a join and a leave; without, one only reads. */
  nick?: string;
  /** `auto` (default) takes the best wire that can be had, and goes back up when a better one can be had again. */
  transport?: 'auto' | Transport;
  /** Where to start: an id, `earliest` or `latest` (default). */
  after?: string;
  /** Start this many entries before the end; not together with `after`. */
  last?: number;
  /** Seconds that a long poll waits (default 25, at most 60). */
  wait?: number;
  /** Milliseconds between two short polls (default 1,000). */
  interval?: number;
  /** Milliseconds until `auto` first tries a better wire again (default 10,000; doubles up to five minutes). */
  upgradeAfter?: number;
  /** Ends the connection when it is aborted, or at once when it is aborted already. */
  signal?: AbortSignal;
  fetch?: typeof fetch;
  /** For platforms without a global one. */
  WebSocket?: typeof WebSocket;
}

export interface Message {
  type: 'message';
  id: string;
  room: string;
  nick?: string;
  body: string;
  created_at: string;
}

export interface Presence {
  type: 'join' | 'leave';
  id: string;
  room: string;
  nick: string;
  created_at: string;
}

export type Entry = Message | Presence;

/** Entries that cannot be had any more. */
export interface Gap {
  type: 'gap';
  reason: 'trimmed' | 'replaced';
  /** The new cursor. */
  id: string;
  /** The cursor before. */
  from: string | null;
}

/** `waiting`: lost, tries again after `retryIn`; `paused`: by `pause()`; `closed`: for good. */
export type State = 'idle' | 'connecting' | 'open' | 'waiting' | 'paused' | 'closed';

export interface StateChange {
  state: State;
  /** The wire that is in use; while `connecting`, the one that is tried. */
  transport: Transport | null;
  wanted: 'auto' | Transport;
  cursor: string | null;
  /** With `waiting`: milliseconds. */
  retryIn?: number;
  /** With `waiting`, and with `closed` when the server refused. */
  error?: ConfabError;
  /** With `open`: whether it goes on from a cursor. */
  resumed?: boolean;
}

export interface Stats {
  /** Handed to the page. */
  entries: number;
  /** Came twice and were dropped. */
  duplicates: number;
  gaps: number;
  requests: number;
  opened: number;
  reconnects: number;
  /** As far as a page can see it: HTTP headers that the browser adds are an estimate. */
  bytesReceived: number;
  bytesSent: number;
}

export interface PublishOptions {
  /** The first room of the connection by default, or when empty. */
  room?: string;
  /** The author; the connection's nick by default, or when empty. */
  nick?: string;
  /** Random by default: what makes a repeated publish the same publish. */
  key?: string;
  /** Milliseconds after which it is rejected with `timeout` (default 120,000). */
  timeout?: number;
}

export interface Stored {
  id: string;
  key: string;
}

/** Who is in a room, on any node. */
export interface Participants {
  room: string;
  participants: { nick: string }[];
}

export interface Events {
  /** Each entry once, in order. */
  entry: Entry;
  gap: Gap;
  state: StateChange;
  /** The server complained about something that is not one of the publishes. */
  problem: ConfabError;
}

export class Connection extends EventTarget {
  private constructor();
  /** The id up to which entries were handed over; `after` for another connection. */
  readonly cursor: string | null;
  readonly state: State;
  readonly transport: Transport | null;
  readonly wanted: 'auto' | Transport;
  readonly nick: string | undefined;
  readonly rooms: string[];
  readonly stats: Stats;
  on<K extends keyof Events>(type: K, listener: (detail: Events[K]) => void): () => void;
  use(transport: 'auto' | Transport): void;
  pause(): void;
  resume(): void;
  interrupt(): void;
  retry(): void;
  close(): void;
  /** Messages of one connection keep their order: each waits until the one before it is settled. */
  publish(body: string, options?: PublishOptions): Promise<Stored>;
  history(options?: { before?: string; limit?: number; signal?: AbortSignal }): Promise<{
    entries: Entry[];
    gap?: Gap;
    /** After `before: 'latest'`: the `after` to go on live with. */
    cursor: string | null;
  }>;
  /** An array, sorted by room, when the connection reads several rooms. */
  presence(signal?: AbortSignal): Promise<Participants | Participants[]>;
}

export class ConfabError extends Error {
  /** The server's stable code, or `network`, `timeout`, `closed`, `aborted`, `policy`, `http_NNN`. */
  readonly code: string;
  readonly status: number;
  readonly retryAfter: number;
  /** Whether the same may succeed later. */
  readonly temporary: boolean;
}

export function connect(options?: ConnectOptions): Connection;

/** Publishes over HTTP without reading. */
export function publish(
  options: { body: string; url?: string | URL; fetch?: typeof fetch; signal?: AbortSignal } & PublishOptions,
): Promise<Stored>;

/** Feeds text of an event stream; calls back with each block. */
export function eventParser(
  onBlock: (block: { id: string | null; event: string | null; data: string | null; retry: number }) => void,
): (text: string) => void;
