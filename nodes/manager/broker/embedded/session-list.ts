import type { BrokerClientPage } from '../broker.js';
import { type Session, toBrokerClient } from './session.js';

/** The sessions by client id, and the session that listens on each topic. */
export interface SessionList {
  add(session: Session): void;
  /** Removes the session and its subscriptions; a newer session of the same client stays. */
  remove(session: Session): void;
  get(clientid: string): Session | undefined;
  page(limit: number, cursor: string | null): BrokerClientPage;
  listen(session: Session, topic: string): void;
  unlisten(session: Session, topic: string): void;
  listenerOf(topic: string): Session | undefined;
}

/** Creates an empty list. */
export function createSessionList(): SessionList {
  const sessions = new Map<string, Session>();
  const listeners = new Map<string, Session>();
  const topicsOf = new WeakMap<Session, Set<string>>();
  /** The client ids in order. They are sorted only when a page is read, so that connecting does not get slower with more clients. */
  let sorted: string[] | null = null;

  function unlisten(session: Session, topic: string): void {
    topicsOf.get(session)?.delete(topic);
    if (listeners.get(topic) === session) listeners.delete(topic);
  }

  return {
    add(session) {
      if (!sessions.has(session.clientid)) sorted = null;
      sessions.set(session.clientid, session);
    },
    remove(session) {
      for (const topic of topicsOf.get(session) ?? []) unlisten(session, topic);
      if (sessions.get(session.clientid) !== session) return;
      sessions.delete(session.clientid);
      sorted = null;
    },
    get: (clientid) => sessions.get(clientid),
    page(limit, cursor) {
      sorted ??= [...sessions.keys()].sort();
      const first = cursor === null ? 0 : firstAfter(sorted, cursor);
      const clientids = sorted.slice(first, first + limit);
      return {
        clients: clientids.map((clientid) => toBrokerClient(sessions.get(clientid)!)),
        next: first + limit < sorted.length ? (clientids.at(-1) ?? null) : null,
      };
    },
    listen(session, topic) {
      const topics = topicsOf.get(session) ?? new Set();
      topicsOf.set(session, topics.add(topic));
      listeners.set(topic, session);
    },
    unlisten,
    listenerOf: (topic) => listeners.get(topic),
  };
}

/** Finds the index of the first text after `text` in a sorted list. */
function firstAfter(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > text) high = middle;
    else low = middle + 1;
  }
  return low;
}
