import { createSecureContext } from 'node:tls';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { readCaFile } from './ca-file.js';

/** How a client of a broker or its API speaks TLS, by the names of Node.js. */
export interface ClientTls {
  ca?: string | Buffer;
  /** The client's own certificate and key, where the server wants one. */
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  /** The name that the server's certificate must be for, where it is not that of the URL. */
  servername?: string;
  /** False: any certificate of the server will do. */
  rejectUnauthorized?: boolean;
  ALPNProtocols?: string[];
}

/**
 * Of the options of a broker or an API what TLS needs; a CA in `tls` counts before a file. `server` names it in errors. Throws
 * INVALID_INPUT for certificates that cannot be used.
 */
export function readClientTls(
  { tls, caFile }: { tls?: ClientTls; caFile?: string },
  server: string,
): ClientTls {
  const options: ClientTls = {
    ...(caFile === undefined ? {} : { ca: readCaFile(caFile, server) }),
    ...tls,
  };
  try {
    const { ca, cert, key, passphrase } = options;
    createSecureContext({ ca, cert, key, passphrase });
  } catch (error) {
    const text = `The TLS configuration for ${server} cannot be used: ${messageOf(error)}.`;
    throw new TpeError('INVALID_INPUT', text, { field: 'tls' });
  }
  return options;
}
