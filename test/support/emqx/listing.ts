import type { Session } from './session.js';

/**
 * The table that REST reads. EMQX writes it behind the hooks: with EMQX 4 a client is not in it before the webhook has
 * answered to its coming, and still connected there while the webhook thinks about its going.
 */
export interface Listing {
  all(): Session[];
  find(clientid: string): Session | undefined;
  showConnected(session: Session): void;
  /** Does nothing where the session goes on, or another one has taken its place. */
  showDisconnected(session: Session, isKept: boolean): void;
  hide(clientid: string): void;
  clear(): void;
}

/** `isCurrent`: whether the broker still has this session, which may have ended while a hook was told of it. */
export function createListing(isCurrent: (session: Session) => boolean): Listing {
  const listed = new Map<string, Session>();
  return {
    all: () => [...listed.values()],
    find: (clientid) => listed.get(clientid),
    showConnected(session) {
      if (!session.connected || !isCurrent(session)) return;
      session.isListedConnected = true;
      listed.set(session.clientid, session);
    },
    showDisconnected(session, isKept) {
      if (session.connected || listed.get(session.clientid) !== session) return;
      session.isListedConnected = false;
      if (!isKept) listed.delete(session.clientid);
    },
    hide: (clientid) => void listed.delete(clientid),
    clear: () => listed.clear(),
  };
}
