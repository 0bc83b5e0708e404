import { messageOf } from '../tpe-error.js';

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused: is the broker running there?',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'no answer from the host',
  EHOSTUNREACH: 'the host cannot be reached',
  ECONNRESET: 'the broker closed the connection',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: give the CA file',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown CA: give the CA file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown CA: give the CA file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an unknown CA: give the CA file',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
};

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
const REFUSALS: Record<number, string> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the broker refuses the client id',
  3: 'the broker is not available now',
  4: 'wrong username or password',
  5: 'this account may not connect (wrong username or password, or no right)',
};

/** Why a connection to a broker failed, for a person. */
export function connectionWords(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'number' && REFUSALS[code]) return REFUSALS[code];
  if (typeof code === 'string' && Object.hasOwn(WORDS, code)) return WORDS[code]!;
  return messageOf(error) || 'unknown fault';
}
