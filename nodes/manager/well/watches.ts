import type { Database } from '../database/database.js';
import type { Presence } from '../presence/presence.js';
import { readPresence } from '../presence/read-presence.js';
import type { Sighting } from './steadiness.js';

/** What is seen of one gateway for as long as somebody waits for it. */
export interface Watch {
  readonly clientid: string;
  /** In the order of time. */
  readonly seen: readonly Sighting[];
  isRetired(): boolean;
  /** Adds what was seen in another way than by its presence. */
  note(sighting: Sighting): void;
  /** Reads its presence now. Never rejects: what cannot be read stays unknown. */
  look(): Promise<void>;
  /** Calls `onNews` when something is seen, until the watch is closed. */
  listen(onNews: () => void): void;
  close(): void;
}

type News = Pick<Presence, 'clientid' | 'status' | 'since'>;

export interface Watches {
  open(clientid: string): Watch;
  presenceChanged(presence: News): void;
  gatewayRetired(clientid: string): void;
  /** Reads the presence of all watched gateways, since news may have been lost. Never rejects. */
  refresh(): Promise<void>;
}

interface Opened {
  seen: Sighting[];
  /** Rises with each news, so that a reading that an event has overtaken is known. */
  news: number;
  isRetired: boolean;
  onNews(): void;
}

/** A gateway that comes and goes all the time; older sightings change nothing in what is waited for. */
const MOST_SEEN = 1000;

/** Creates the list of watched gateways. `knowsPresence` false: the broker does not tell who is connected, so presence is no sighting. */
export function createWatches(database: Database, knowsPresence: () => boolean): Watches {
  const watched = new Map<string, Set<Opened>>();

  function note(opened: Opened, sighting: Sighting): void {
    const last = opened.seen.at(-1);
    if (last?.online === sighting.online && last.session === sighting.session) return;
    opened.seen.push(sighting);
    if (opened.seen.length > MOST_SEEN) opened.seen.shift();
    opened.onNews();
  }

  function retire(clientid: string): void {
    for (const opened of watched.get(clientid) ?? []) {
      opened.news += 1;
      opened.isRetired = true;
      opened.onNews();
    }
  }

  function see(opened: Opened, { status, since }: News): void {
    opened.news += 1;
    if (!knowsPresence()) return;
    const online = status === 'online';
    note(opened, { at: performance.now(), online, session: online ? since : null });
  }

  async function read(clientids: readonly string[]): Promise<void> {
    if (clientids.length === 0) return;
    const before = new Map(
      clientids.flatMap((clientid) =>
        [...(watched.get(clientid) ?? [])].map((opened) => [opened, opened.news] as const),
      ),
    );
    const rows = await readPresence(database, clientids).catch(() => null);
    if (rows === null) return;
    const found = new Map(rows.map((row) => [row.clientid, row]));
    for (const clientid of clientids) {
      const row = found.get(clientid);
      if (row === undefined) retire(clientid);
      else
        for (const opened of watched.get(clientid) ?? [])
          if (before.get(opened) === opened.news) see(opened, row);
    }
  }

  function leave(clientid: string, opened: Opened): void {
    const same = watched.get(clientid);
    same?.delete(opened);
    if (same?.size === 0) watched.delete(clientid);
  }

  return {
    open(clientid) {
      const opened: Opened = { seen: [], news: 0, isRetired: false, onNews: () => undefined };
      watched.set(clientid, (watched.get(clientid) ?? new Set()).add(opened));
      return {
        clientid,
        seen: opened.seen,
        isRetired: () => opened.isRetired,
        note: (sighting) => note(opened, sighting),
        look: () => read([clientid]),
        listen(onNews) {
          opened.onNews = onNews;
        },
        close: () => leave(clientid, opened),
      };
    },
    presenceChanged(presence) {
      for (const opened of watched.get(presence.clientid) ?? []) see(opened, presence);
    },
    gatewayRetired: retire,
    refresh: () => read([...watched.keys()]),
  };
}
