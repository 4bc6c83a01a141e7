/** Types of confab.js, the browser client of Confab. */

export type Transport = 'websocket' | 'sse' | 'longpoll' | 'shortpoll';

/** The parts of a WebSocket that the client uses, so that the classes of npm's ws and undici fit as well. */
export interface WebSocketLike {
  readonly readyState: number;
  onopen: any;
  onmessage: any;
  onerror: any;
  onclose: any;
  send(text: string): void;
  close(code?: number): void;
}

export type Token = string | null | undefined;

/** The server and the way to reach it. */
export interface ServerOptions {
  /** The server, with the prefix it is mounted under; the root of the page's origin by default. Required in Node. */
  url?: string | URL;
  fetch?: typeof fetch;
  /**
   * Returns the token of the participant, or nothing after the participant has signed out. The client calls the
   * function before the first request, after the server has refused a token, and before a JWT expires. The connection
   * ends with `unauthenticated` if the function returns nothing, or if the server refuses two new tokens in a row.
   */
  token?: () => Token | Promise<Token>;
}

export interface ConnectOptions extends ServerOptions {
  /** One room or several, read as one log; `lobby` by default. */
  room?: string | string[];
  /** The name of the participant, whose join and leave the others see. Without a name, the connection only reads. */
  nick?: string;
  /** `auto` (default) takes the best available transport, and later returns to a better one. */
  transport?: 'auto' | Transport;
  /** The start: an id, `earliest` or `latest` (default). */
  after?: string;
  /** Starts this number of entries before the end; not together with `after`. */
  last?: number;
  /** The seconds that a long poll waits (default 25, at most 60). */
  wait?: number;
  /** Milliseconds between two short polls (default 1,000). */
  interval?: number;
  /** Milliseconds until `auto` first tries a better transport again (default 10,000; doubles up to five minutes). */
  upgradeAfter?: number;
  /** Ends the connection when it is aborted, or at once when it is aborted already. */
  signal?: AbortSignal;
  /** For platforms without a global one. */
  WebSocket?: new (url: URL, protocols?: string[]) => WebSocketLike;
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
  /** Never present. Declared so that `entry.body` can be read without a check of `entry.type`. */
  body?: undefined;
  created_at: string;
}

export type Entry = Message | Presence;

/** Announces entries that are no longer available. */
export interface Gap {
  type: 'gap';
  reason: 'trimmed' | 'replaced';
  /** The new cursor. */
  id: string;
  /** The previous cursor. */
  from: string | null;
}

/**
 * `waiting`: the connection is lost, and the client connects again after `retryIn`. `paused`: `pause()` was called.
 * `closed`: the connection has ended.
 */
export type State = 'idle' | 'connecting' | 'open' | 'waiting' | 'paused' | 'closed';

export interface StateChange {
  state: State;
  /** The transport in use; while `connecting`, the transport that is being opened. */
  transport: Transport | null;
  wanted: 'auto' | Transport;
  cursor: string | null;
  /** With `waiting`: milliseconds. */
  retryIn?: number;
  /** With `waiting`, and with `closed` when the server refused. */
  error?: ConfabError | null;
  /** With `open`: whether the connection continues at a cursor. */
  resumed?: boolean;
}

export interface Stats {
  /** Entries that were delivered to the page. */
  entries: number;
  /** Entries that were received twice and dropped. */
  duplicates: number;
  gaps: number;
  requests: number;
  opened: number;
  reconnects: number;
  /** Includes an estimate of the HTTP headers that the browser adds. */
  bytesReceived: number;
  bytesSent: number;
}

export interface PublishOptions {
  /** The first room of the connection by default, or when empty. */
  room?: string;
  /** The author; the connection's nick by default, or when empty. */
  nick?: string;
  /** Identifies the message, so that a repeated publish stores it only once. Random by default. */
  key?: string;
  /** Milliseconds after which the publish is rejected with `timeout` (default 120,000). */
  timeout?: number;
}

export interface Stored {
  id: string;
  key: string;
}

/** The participants of a room, on all nodes. */
export interface Participants {
  room: string;
  participants: { nick: string }[];
}

export interface Events {
  /** Each entry once, in order. */
  entry: Entry;
  gap: Gap;
  state: StateChange;
  /** An error that the server reported and that does not belong to a publish. */
  problem: ConfabError;
}

/** A connection, which `connect` opens and which reconnects until it is closed. */
export interface Connection extends EventTarget {
  /** The id of the last entry that was delivered; `after` for another connection. */
  readonly cursor: string | null;
  readonly state: State;
  readonly transport: Transport | null;
  readonly wanted: 'auto' | Transport;
  readonly nick: string | undefined;
  readonly rooms: string[];
  readonly stats: Stats;
  /** Adds a listener; returns a function that removes it. */
  on<K extends keyof Events>(type: K, listener: (detail: Events[K]) => void): () => void;
  /** Changes the transport. The new connection is opened before the old one is closed. */
  use(transport: 'auto' | Transport): void;
  /** Disconnects until `resume()`; the cursor is kept. */
  pause(): void;
  resume(): void;
  /** Drops the connection as a broken network would; the client then connects again. */
  interrupt(): void;
  /** Connects at once instead of at the end of the wait. */
  retry(): void;
  /** Closes the client. Waiting publishes are rejected with `closed`. */
  close(): void;
  /**
   * Stores a message; resolves when it is durable. Messages of one connection keep their order: each waits until the
   * message before it is settled.
   */
  publish(body: string, options?: PublishOptions): Promise<Stored>;
  /** Returns a page of older entries, in order; `before` is an id or `latest` (default). */
  history(options?: { before?: string; limit?: number; signal?: AbortSignal }): Promise<{
    entries: Entry[];
    gap?: Gap;
    /** With `before: 'latest'`: the `after` at which a connection continues after this page. */
    cursor: string | null;
  }>;
  /** Returns the participants; an array, sorted by room, when the connection reads several rooms. */
  presence(signal?: AbortSignal): Promise<Participants | Participants[]>;
}

export class ConfabError extends Error {
  constructor(
    code: string,
    detail?: string,
    options?: { status?: number; retryAfter?: number; temporary?: boolean; cause?: unknown },
  );
  /** The server's stable code, or `network`, `timeout`, `closed`, `aborted`, `policy`, `token`, `http_NNN`. */
  readonly code: string;
  /** The HTTP status, or 0. */
  readonly status: number;
  /** Milliseconds to wait before the next attempt, or 0. */
  readonly retryAfter: number;
  /** Whether the same may succeed later. */
  readonly temporary: boolean;
}

export function connect(options?: ConnectOptions): Connection;

/** Publishes over HTTP without reading. */
export function publish(
  options: { body: string; signal?: AbortSignal } & ServerOptions & PublishOptions,
): Promise<Stored>;

/** Returns a function that takes the text of an event stream and calls `onBlock` with the fields of each block. */
export function eventParser(
  onBlock: (block: { id: string | null; event: string | null; data: string | null; retry: number }) => void,
): (text: string) => void;
