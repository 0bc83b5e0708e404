import { printable } from '../shared/printable.js';
import { messageOf } from '../shared/tpe-error.js';

const UNKNOWN_CA = 'its certificate is signed by an unknown CA: give its CA file';

/** What the error codes of sockets, DNS and TLS in Node.js mean. */
const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused: no broker listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now (DNS)',
  ETIMEDOUT: 'no answer from the host',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network of the host cannot be reached',
  ECONNRESET: 'the broker cut the connection',
  EPIPE: 'the broker cut the connection',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: is the clock right?',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: give it as the CA file',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'there is no TLS on that port: use mqtt:// or ws://, or another port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'there is no TLS on that port: use mqtt:// or ws://, or another port',
  EPROTO: 'the TLS handshake failed',
};

/** The CONNACK return codes of MQTT 3.1.1 (table 3.1), and the reason codes of MQTT 5 that a person can do something about. */
const REFUSALS: Record<number, string> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the broker refuses the client id',
  3: 'the broker is not available now',
  4: 'wrong username or password',
  5: 'not authorized: wrong username or password, or no right to connect',
  132: 'the broker does not speak MQTT 5',
  133: 'the broker refuses the client id',
  134: 'wrong username or password',
  135: 'not authorized: wrong username or password, or no right to connect',
  136: 'the broker is not available now',
  137: 'the broker is busy',
  138: 'the broker has banned this client',
  139: 'the broker is shutting down',
  141: 'the broker received nothing within the keep-alive time',
  142: 'another client connected with the same client id',
  149: 'the packet is larger than the broker accepts',
  151: 'the quota is used up',
  152: 'an administrator of the broker ended the connection',
  156: 'the broker redirects to another one',
  157: 'the broker has moved',
  159: 'too many connections in too short a time',
};

/** Says for a person why an MQTT 5 broker refused one message, with the broker's own text if it sent one. */
export function ackWords(reasonCode: number, reasonString: string | undefined): string {
  const known = reasonCode === 135 ? 'this account may not publish there' : REFUSALS[reasonCode];
  return withWords(known ?? `reason code ${reasonCode}`, reasonString);
}

/** Says for a person why an MQTT 5 broker ended the connection, with the broker's own text if it sent one. */
export function farewellWords(reasonCode: number | undefined, reasonString: string | undefined): string {
  const code = reasonCode ?? 0;
  return withWords(REFUSALS[code] ?? `the broker closed the connection (reason code ${code})`, reasonString);
}

const MAX_TEXT_LENGTH = 200;

function withWords(ours: string, theirs: string | undefined): string {
  return theirs ? `${ours} ("${printable(theirs, MAX_TEXT_LENGTH)}")` : ours;
}

/** Says for a person why a connection to a broker failed. */
export function connectionWords(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'number' && REFUSALS[code]) return REFUSALS[code];
  if (typeof code === 'string' && Object.hasOwn(WORDS, code)) return WORDS[code]!;
  const text = messageOf(error);
  if (text === 'connack timeout')
    return 'it accepts the connection, but does not answer: is it an MQTT broker?';
  return text || 'the connection failed';
}
