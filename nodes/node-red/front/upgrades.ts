import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FrontSettings } from '../server/front-settings.js';
import { admitCommsSocket } from './comms-sockets.js';
import { isForeign, isRebound } from './origins.js';
import type { Places } from './places.js';
import { createSocketGate } from './socket-gate.js';

/** Who is not signed in to the dashboard gets to hear that, which takes one small packet. */
const guests = createSocketGate({
  withinMs: 10_000,
  mostBytes: 8 * 1024,
  mostOfMessage: 4096,
  each: 20,
  all: 200,
  eachMinute: 240,
});
const UNANSWERED_MS = 10_000;

/** What stands in front of the WebSockets of a server: the editor's, the dashboard's, and those that nobody takes. */
export function createUpgradeGuard(settings: FrontSettings, places: Places) {
  return (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    address: string,
    next: () => void,
  ): void => {
    // Until somebody takes it: an error that nobody listens for ends the process.
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

/** Node leaves a connection open for ever that asks for a protocol which nobody speaks. */
function endUnanswered(socket: Socket): void {
  const before = socket.bytesWritten;
  const timer = setTimeout(() => {
    if (socket.bytesWritten === before) socket.destroy();
  }, UNANSWERED_MS);
  socket.once('close', () => clearTimeout(timer));
}
