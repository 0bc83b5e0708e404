import { isClientId } from '../../protocol/client-id.js';
import { filterCoversFilter, type Topics } from '../../protocol/topics.js';
import { within } from '../../shared/timeout.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { Authenticate } from '../dependencies.js';
import type { RefusalReason } from '../events.js';
import type { LoginFailures } from './login-failures.js';

/** The credentials of a CONNECT. */
export interface Login {
  clientid: string;
  username: string | undefined;
  password: Buffer | undefined;
  ipAddress: string | null;
}

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
export type ReturnCode = 0 | 2 | 3 | 4 | 5;

/** The decision about a login. */
export type Verdict = { returnCode: 0 } | Refusal;

export interface Refusal {
  returnCode: Exclude<ReturnCode, 0>;
  reason: RefusalReason;
  /** More about the reason, for the log. */
  detail?: string;
}

/** The time that the registry has to answer before the client is told to try again, ms. */
const REGISTRY_MS = 15_000;

const RETURN_CODES: Record<RefusalReason, Exclude<ReturnCode, 0>> = {
  unknown: 4,
  wrong_username: 4,
  wrong_password: 4,
  disabled: 5,
  no_credentials: 4,
  bad_clientid: 2,
  slowed_down: 3,
  too_many: 3,
  unavailable: 3,
  not_authorized: 5,
};

/** Makes a refusal with the return code that belongs to the reason. */
export function refusal(reason: RefusalReason, detail?: string): Refusal {
  return { returnCode: RETURN_CODES[reason], reason, ...(detail !== undefined && { detail }) };
}

/**
 * Decides whether a client may connect. If the registry cannot be read, or after too many failures, the answer is "server unavailable" (3):
 * it tells nothing about the password, and a gateway tries again. Never rejects.
 */
export async function judgeLogin(
  login: Login,
  authenticate: Authenticate,
  failures: LoginFailures,
): Promise<Verdict> {
  const { clientid, username, password } = login;
  if (!isClientId(clientid)) return refusal('bad_clientid');
  if (!username || !password?.length || username.includes('\u0000')) return refusal('no_credentials');
  const address = login.ipAddress ?? '';
  if (!failures.mayTry(address, clientid)) return refusal('slowed_down');
  try {
    const result = await within(
      REGISTRY_MS,
      authenticate(clientid, username, password.toString('utf8')),
      noAnswer,
    );
    if (result === 'accepted') {
      failures.succeeded(address, clientid);
      return { returnCode: 0 };
    }
    failures.failed(address, clientid);
    return refusal(result);
  } catch (error) {
    return refusal('unavailable', messageOf(error));
  }
}

function noAnswer(): never {
  throw new Error(`no answer within ${REGISTRY_MS / 1000} s`);
}

/** True for a topic that this client may publish on: its own answers, and telemetry that is its own or names no client. */
export function mayPublish(topics: Topics, clientid: string, topic: string): boolean {
  if (/[+#]/.test(topic) || topic.includes('\u0000')) return false;
  const meaning = topics.classify(topic);
  return meaning !== null && (meaning.clientid === null || meaning.clientid === clientid);
}

/** True for a filter that matches only requests to this client. */
export function maySubscribe(topics: Topics, clientid: string, filter: string): boolean {
  return topics.subscribeFilters(clientid).some((own) => filterCoversFilter(own, filter));
}
