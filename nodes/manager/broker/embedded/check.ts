import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../../shared/tpe-error.js';
import type { BrokerOptions, EmbeddedOptions } from '../options.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 1883;

/**
 * Creates the checks of the embedded broker's options: each port, and the certificate. They change nothing. Each resolves with what it
 * found, or rejects with an error for a person. `running` are the options of the broker that is open now, whose ports are rightly in use.
 */
export function embeddedChecks(
  broker: EmbeddedOptions,
  running: BrokerOptions | undefined,
): (() => Promise<string>)[] {
  const { tls, webSocket } = broker;
  return [
    () => checkPort('MQTT', broker, broker.port ?? DEFAULT_PORT, running),
    ...(tls
      ? [() => checkPort('MQTT over TLS', broker, tls.port, running), () => checkCertificate(tls)]
      : []),
    ...(webSocket ? [() => checkPort('MQTT over WebSocket', broker, webSocket.port, running)] : []),
  ];
}

async function checkPort(
  what: string,
  { host = DEFAULT_HOST }: EmbeddedOptions,
  port: number,
  running: BrokerOptions | undefined,
): Promise<string> {
  if (running?.kind === 'embedded' && portsOf(running).includes(port)) {
    return `${what}: port ${port} is open and in use by this server.`;
  }
  const code = await listenOnce(host, port);
  if (code === null) return `${what}: port ${port} on ${host} is free.`;
  throw new Error(`${what}: ${PORT_FAULTS[code]?.(host, port) ?? `port ${port} on ${host}: ${code}.`}`);
}

const PORT_FAULTS: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `port ${port} on ${host} is taken by another program: stop it, or choose another port.`,
  EACCES: (_host, port) => `port ${port} needs an administrator's rights: choose one above 1023.`,
  EADDRNOTAVAIL: (host) =>
    `this machine has no address ${host}: use 127.0.0.1, or 0.0.0.0 for all its addresses.`,
  ENOTFOUND: (host) => `the host name ${host} is not known.`,
};

function portsOf(broker: EmbeddedOptions): (number | undefined)[] {
  return [broker.port ?? DEFAULT_PORT, broker.tls?.port, broker.webSocket?.port];
}

/** Listens on the port for a moment. Null if that works, otherwise the code of the error. */
function listenOnce(host: string, port: number): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)));
  });
}

async function checkCertificate({
  certFile,
  keyFile,
}: {
  certFile: string;
  keyFile: string;
}): Promise<string> {
  try {
    createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  } catch (error) {
    throw new Error(
      `The certificate ${certFile} with the key ${keyFile} cannot be used: ${messageOf(error)}.`,
    );
  }
  return `The certificate ${certFile} and its key fit together.`;
}
