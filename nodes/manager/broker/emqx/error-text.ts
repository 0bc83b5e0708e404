import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { quote } from '../../shared/text.js';
import { connectionWords } from '../connection-errors.js';

/** The form of an error of EMQX 5 and 6: the API has `code`, a publish has `reason_code`. */
const COMPLAINT = {
  type: 'object',
  properties: {
    code: { type: ['string', 'integer'] },
    reason_code: { type: 'integer' },
    message: { type: 'string', maxLength: 10_000 },
  },
} as const;
export type EmqxComplaint = FromSchema<typeof COMPLAINT>;

export const isComplaint = guard<EmqxComplaint>(COMPLAINT);

const PORTS = 'EMQX 5 and 6 have their REST API on port 18083, EMQX 4 on port 8081';
const NO_TLS = 'there is no TLS on that port: use http://, or another port';

/** What error codes mean for an HTTP connection; connectionWords has the others. */
const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: `it cut the connection without an answer (${PORTS})`,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
};

/** Says for a person why a call got no answer. */
export function callWords(error: unknown): string {
  if (isCutShort(error)) return 'it cut the connection in the middle of its answer';
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return `what listens there speaks no HTTP (${PORTS})`;
  if (Object.hasOwn(WORDS, code)) return WORDS[code]!;
  const text = error instanceof Error ? error.message : '';
  if (text.startsWith('maxContentLength')) return 'its answer is too large';
  return connectionWords(error);
}

/** Says for a person why an answer cannot be used. `call` names the call, `text` is the body of the answer. */
export function answerWords(
  call: string,
  status: number,
  headers: { location?: unknown },
  text: string,
): string {
  if (status === 401) return keyWords(text);
  if (status === 403)
    return `the API key has no right to ${call}: give it the role administrator${codeIn(text)}`;
  if (status >= 300 && status < 400)
    return `it redirects to ${quote(headers.location)}: give the right address as API URL`;
  if (status === 404) return `it has no ${call}: is that EMQX's REST API? ${PORTS}`;
  if (status === 429 || (status >= 502 && status <= 504)) return `it is not ready now (HTTP ${status})`;
  if (status >= 400) return `it answers HTTP ${status} to ${call}${codeIn(text)}`;
  if (/^\s*</.test(text)) return `a web page answers to ${call}: is that EMQX's REST API? ${PORTS}`;
  return `its answer to ${call} is not one of EMQX, or was cut off`;
}

function keyWords(text: string): string {
  return `it refuses the API key: are key and secret right, and is the key enabled and not expired? An account of the dashboard is no API key; EMQX 4 wants the id and secret of an application${codeIn(text)}`;
}

function codeIn(text: string): string {
  try {
    const words = complaintWords(JSON.parse(text));
    return words === '' ? '' : ` (${words})`;
  } catch {
    return '';
  }
}

/** Returns code and message of an error that EMQX sent; empty if the body is no such error. */
export function complaintWords(body: unknown): string {
  if (!isComplaint(body)) return '';
  return [body.code ?? body.reason_code, body.message]
    .filter((part) => part !== undefined)
    .map((part) => quote(String(part)).slice(1, -1))
    .join(': ');
}

/** True for an answer that broke off, for which axios has no code. */
function isCutShort(error: unknown): boolean {
  return error instanceof Error && error.message.includes('aborted');
}

/** Returns the code of an error of Node.js, axios or OpenSSL; empty if it has none. */
export function codeOf(error: unknown): string {
  if (isCutShort(error)) return 'ECONNRESET';
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
