import { isClientId } from '../registry/client-id.js';
import type { AuthenticationResult } from '../registry/registry.js';
import { messageOf } from '../tpe-error.js';
import type { LoginFailures } from './login-failures.js';
import { filterCoversFilter, type Topics } from './topics.js';

/** What a client says to be let in. */
export interface Login {
  clientid: string;
  username: string | undefined;
  password: Buffer | undefined;
  ipAddress: string | null;
}

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
export type ReturnCode = 0 | 2 | 3 | 4 | 5;

export interface Verdict {
  returnCode: ReturnCode;
  /** Why not, for the log; empty when let in. */
  reason: string;
}

export type Authenticate = (
  clientid: string,
  username: string,
  password: string,
) => Promise<AuthenticationResult>;

/** So long the registry has to answer; then the client is told to come back, ms. */
const REGISTRY_MS = 15_000;

const REFUSALS: Record<Exclude<AuthenticationResult, 'accepted'>, Verdict> = {
  unknown: { returnCode: 4, reason: 'no such gateway, or another username' },
  wrong_password: { returnCode: 4, reason: 'wrong password' },
  disabled: { returnCode: 5, reason: 'the gateway is disabled' },
};

/**
 * Decides whether a client may connect. While the registry cannot be asked, and after too many failures, the answer is
 * "server unavailable" (3): it says nothing of the password, and a gateway tries again. Never rejects.
 */
export async function judgeLogin(
  login: Login,
  authenticate: Authenticate,
  failures: LoginFailures,
): Promise<Verdict> {
  const { clientid, username, password } = login;
  if (!isClientId(clientid))
    return { returnCode: 2, reason: 'a client id that no gateway can be registered with' };
  if (!username || !password?.length || username.includes('\u0000')) {
    return { returnCode: 4, reason: 'username and password are needed' };
  }
  const address = login.ipAddress ?? '';
  if (!failures.mayTry(address, clientid))
    return { returnCode: 3, reason: 'too many failed logins, slowed down' };
  try {
    const result = await within(REGISTRY_MS, authenticate(clientid, username, password.toString('utf8')));
    if (result === 'accepted') return { returnCode: 0, reason: '' };
    failures.failed(address, clientid);
    return REFUSALS[result];
  } catch (error) {
    return { returnCode: 3, reason: `the registry cannot be asked: ${messageOf(error)}` };
  }
}

/** True for a topic that this client may publish on: its answers and its telemetry, and no wildcard. */
export function mayPublish(topics: Topics, clientid: string, topic: string): boolean {
  if (/[+#]/.test(topic) || topic.includes('\u0000')) return false;
  const meaning = topics.classify(topic);
  return meaning !== null && (meaning.clientid === null || meaning.clientid === clientid);
}

/** True for a filter that reaches nothing but this client's own requests. */
export function maySubscribe(topics: Topics, clientid: string, filter: string): boolean {
  return topics.subscribeFilters(clientid).some((own) => filterCoversFilter(own, filter));
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
