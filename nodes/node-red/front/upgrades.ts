import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FrontSettings } from '../server/front-settings.js';
import { admitCommsSocket } from './comms-sockets.js';
import { isForeign, isRebound } from './origins.js';
import type { Places } from './places.js';
import { createSocketGate } from './socket-gate.js';

/** A caller who is not signed in to the dashboard only gets the answer that says so, and needs one small packet for that. */
const guests = createSocketGate({
  withinMs: 10_000,
  mostBytes: 8 * 1024,
  mostOfMessage: 4096,
  each: 20,
  all: 200,
  eachMinute: 240,
});
const UNANSWERED_MS = 10_000;

/** Creates the guard of a server's WebSockets: the editor's, the dashboard's, and those that nobody serves. */
export function createUpgradeGuard(settings: FrontSettings, places: Places) {
  return (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    address: string,
    next: () => void,
  ): void => {
    // An error without a listener would end the process, and nobody else listens yet.
    socket.on('error', () => socket.destroy());
    if (places.isComms(request)) {
      if (isForeign(request, settings)) return refuseUpgrade(socket);
      if (admitCommsSocket(socket, address, head)) next();
      return;
    }
    if (places.placeOf(request) === 'dashboard') {
      const { headers } = request;
      if (isRebound(request, settings.isOwnHost)) return refuseUpgrade(socket);
      const isGuest = !settings.isOwnPage(request) || !settings.isSignedIn(headers);
      if (isGuest && guests.admit(socket, address, head) === null) return;
      return next();
    }
    endUnanswered(socket as Socket);
    next();
  };
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
    socket.destroy(),
  );
}

/** Ends an upgrade that nobody answers, because Node keeps such a connection open for ever. */
function endUnanswered(socket: Socket): void {
  const before = socket.bytesWritten;
  const timer = setTimeout(() => {
    if (socket.bytesWritten === before) socket.destroy();
  }, UNANSWERED_MS);
  socket.once('close', () => clearTimeout(timer));
}
