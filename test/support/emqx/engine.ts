import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../free-port.js';
import { serveConnection } from './connection.js';
import type { Core } from './core.js';
import { createListing } from './listing.js';
import type { Router } from './router.js';
import { makeSession, type NewSession, type Session } from './session.js';

export interface Engine extends Core {
  port(): number;
  listen(): Promise<void>;
  /** All connections die, and nobody is told; sessions and retained messages are lost. */
  halt(): Promise<void>;
  /** False where nobody has this client id. Does not wait until the disconnect is told. */
  kick(clientid: string): boolean;
}

export function createEngine(
  given: Pick<Core, 'dialect' | 'access' | 'bans' | 'router' | 'hooks'>,
  wantedPort: number,
  cleanedInMs = CLEANED_IN_MS,
): Engine {
  const { dialect, router, hooks } = given;
  const listing = createListing((session) => router.sessions.get(session.clientid) === session);
  const sockets = new Set<Socket>();
  const cleaning = createCleaning(cleanedInMs);
  let port = wantedPort;
  let server: Server | null = null;
  const core: Core = {
    ...given,
    listing,
    async begin(fresh) {
      const kept = await outOfTheWay(
        router,
        fresh.clientid,
        fresh.cleanStart ? 'discarded' : dialect.takenOver,
      );
      listing.hide(fresh.clientid);
      return enter(router, kept, { ...fresh, connectedAt: Date.now() });
    },
    isBeingCleaned: (clientid) => dialect.throttles && cleaning.has(clientid),
    drop(session) {
      router.forget(session);
      listing.hide(session.clientid);
    },
    async finish(session, reason) {
      const isReplaced = reason === 'discarded' || reason === dialect.takenOver;
      Object.assign(session, { connected: false, disconnectedAt: Date.now(), end: null });
      session.outbox.detach();
      if (!isReplaced) cleaning.add(session.clientid);
      const isKept = reason === dialect.takenOver || (session.expirySeconds > 0 && !isOver(reason));
      if (!isKept) router.forget(session);
      // By default EMQX 4 does not tell of a connection that another one replaced.
      if (!(dialect.isV4 && isReplaced)) await hooks.disconnected(session, reason);
      listing.showDisconnected(session, isKept);
    },
    async publish(message) {
      await hooks.published(message);
      return router.route(message);
    },
  };
  return {
    ...core,
    port: () => port,
    async listen() {
      server = createServer({ noDelay: true }, (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        serveConnection(socket, core);
      });
      port ||= await freePort();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async halt() {
      const closing = server;
      server = null;
      router.clear();
      listing.clear();
      for (const socket of sockets) socket.emit('halt');
      if (closing) await new Promise<void>((resolve) => void closing.close(() => resolve()));
    },
    kick(clientid) {
      const session = router.sessions.get(clientid);
      if (session === undefined) return false;
      if (session.end) void session.end('kicked');
      else core.drop(session);
      return true;
    },
  };
}

/** As measured, for each connection that died. */
const CLEANED_IN_MS = 0.2;

/** One worker deals with connections that died, one after the other. */
function createCleaning(cleanedInMs: number) {
  const doneAt = new Map<string, number>();
  let lastDoneAt = 0;
  return {
    add(clientid: string) {
      lastDoneAt = Math.max(lastDoneAt, Date.now()) + cleanedInMs;
      doneAt.set(clientid, lastDoneAt);
    },
    has(clientid: string): boolean {
      const isBusy = (doneAt.get(clientid) ?? 0) > Date.now() + 1;
      if (!isBusy) doneAt.delete(clientid);
      return isBusy;
    },
  };
}

/** Ends who has the client id, also one who was as quick; what it leaves is a session without a connection. */
async function outOfTheWay(router: Router, clientid: string, reason: string): Promise<Session | undefined> {
  let session = router.sessions.get(clientid);
  while (session?.end) {
    await session.end(reason);
    session = router.sessions.get(clientid);
  }
  return session;
}

/** A session that ends so is not kept, however long its expiry. */
function isOver(reason: string): boolean {
  return reason === 'discarded' || reason === 'kicked';
}

function enter(router: Router, kept: Session | undefined, fresh: NewSession) {
  const session = makeSession(fresh);
  if (kept === undefined || fresh.cleanStart) {
    if (kept) router.forget(kept);
    router.sessions.set(session.clientid, session);
    return { session, isPresent: false };
  }
  const { createdAt, subscriptions, outbox } = kept;
  return { session: Object.assign(kept, session, { createdAt, subscriptions, outbox }), isPresent: true };
}
