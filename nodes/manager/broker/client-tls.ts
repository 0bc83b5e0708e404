import { createSecureContext } from 'node:tls';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { readCaFile } from './ca-file.js';

/** The TLS options of a client of a broker or its API, with the names that Node.js gives them. */
export interface ClientTls {
  ca?: string | Buffer;
  /** The client's own certificate, if the server asks for one; `key` and `passphrase` belong to it. */
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  /** The name that the server's certificate must have, if it differs from the host of the URL. */
  servername?: string;
  /** False accepts any certificate of the server. */
  rejectUnauthorized?: boolean;
  ALPNProtocols?: string[];
}

/**
 * Reads the TLS options from those of a broker or an API. A CA in `tls` takes precedence over a file. `server` names the server in errors.
 * Throws INVALID_INPUT for certificates that cannot be used.
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
