import { createInTurns } from '../../shared/limiter.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { Authenticate } from '../dependencies.js';
import type { BrokerEventSink, LoginRefused } from '../events.js';
import { refusalReason } from '../refusal-reasons.js';
import { judgeLogin, type Login, type Refusal, type ReturnCode, refusal, type Verdict } from './access.js';
import type { EngineHooks } from './engine.js';
import { createLoginFailures } from './login-failures.js';
import { endSession, nameOf } from './open-session.js';
import { createRefusalLog } from './refusal-log.js';
import type { Session } from './session.js';

export interface LoginsOptions {
  authenticate: Authenticate;
  warn(text: string): void;
  sink: BrokerEventSink;
  /** The latest accepted connection of each client id, even if its session has not begun yet. */
  holders: Map<string, Session>;
}

/** The number of concurrent reads of the registry. */
const LOGINS_AT_ONCE = 16;
const MAX_WAITING_LOGINS = 2000;
const LOGIN_PATIENCE_MS = 10_000;

/** Creates the function that decides logins, ends sessions that are taken over, and reports refusals. It never rejects. */
export function createAdmit({ authenticate, warn, sink, holders }: LoginsOptions): EngineHooks['admit'] {
  const logRefusal = createRefusalLog(warn);
  const failures = createLoginFailures();
  const inTurns = createInTurns(LOGINS_AT_ONCE, MAX_WAITING_LOGINS, LOGIN_PATIENCE_MS);

  async function judge(login: Login): Promise<Verdict> {
    try {
      return await inTurns(() => judgeLogin(login, authenticate, failures));
    } catch (error) {
      return refusal('unavailable', messageOf(error));
    }
  }

  function refuse(session: Session, { returnCode, reason, detail }: Refusal): ReturnCode {
    const { clientid, username, connection } = session;
    const { ipAddress } = connection;
    connection.ticket.refused();
    const { text } = refusalReason(reason);
    const why = detail === undefined ? text : `${text} (${detail})`;
    const who = username === null ? 'no username' : `username ${JSON.stringify(username.slice(0, 120))}`;
    logRefusal(clientid, ipAddress ?? '', `${nameOf(session)} was refused: ${why}; ${who}.`);
    const event: LoginRefused = {
      type: 'refused',
      clientid,
      username,
      ipAddress,
      reason,
      at: Date.now(),
      source: 'embedded broker',
    };
    void sink(event).catch(() => undefined);
    return returnCode;
  }

  return async (session, username, password) => {
    const { clientid } = session;
    const { ipAddress } = session.connection;
    const verdict = await judge({ clientid, username, password, ipAddress });
    if (verdict.returnCode !== 0) return refuse(session, verdict);
    if (session.isClosed) return verdict.returnCode;
    if (!session.connection.ticket.logIn()) return refuse(session, refusal('too_many'));
    const old = holders.get(clientid);
    holders.set(clientid, session);
    // The engine closes an old connection too, but not reliably if two connections arrive at the same time.
    if (old !== undefined) await endSession(old, 'takenover');
    return verdict.returnCode;
  };
}
