import { isIP } from 'node:net';
import { connect } from 'node:tls';

/** A server whose TLS certificate is looked at. */
export interface CertificateOf {
  what: 'broker' | 'repository';
  /** Resolves with when its certificate ends. Rejects if that cannot be read. */
  readEnd(): Promise<Date>;
}

const TIMEOUT_MS = 10_000;
const PORTS: Record<string, number> = { 'https:': 443, 'mqtts:': 8883, 'wss:': 443 };

/**
 * The certificates of the servers at these URLs, several separated by commas, of which the first counts; those without TLS have none. It is read
 * from a handshake, in which nothing is sent and nobody is trusted.
 */
export function serverCertificates(servers: {
  broker: string | null;
  repository: string | null;
}): CertificateOf[] {
  return (['broker', 'repository'] as const).flatMap((what) => {
    const target = targetOf(servers[what]);
    return target === null ? [] : [{ what, readEnd: () => readEnd(target) }];
  });
}

interface Target {
  host: string;
  port: number;
}

function targetOf(urls: string | null): Target | null {
  const first = urls?.split(',')[0]?.trim() ?? '';
  const url = URL.canParse(first) ? new URL(first) : null;
  const port = url === null ? undefined : PORTS[url.protocol];
  if (url === null || port === undefined) return null;
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? port : Number(url.port) };
}

/** Rejects if there is no answer within 10 s, or no certificate in it. */
function readEnd({ host, port }: Target): Promise<Date> {
  return new Promise((resolve, reject) => {
    // Only the date is of interest, also of a certificate that is not trusted, or has ended.
    const socket = connect({
      ...{ host, port, rejectUnauthorized: false, timeout: TIMEOUT_MS },
      ...(isIP(host) === 0 && { servername: host }),
    });
    socket.unref();
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(new Error('no answer')));
    socket.once('secureConnect', () => {
      const end = new Date(socket.getPeerCertificate().valid_to ?? '');
      if (Number.isNaN(end.getTime())) return fail(new Error('no certificate'));
      socket.destroy();
      resolve(end);
    });
  });
}
