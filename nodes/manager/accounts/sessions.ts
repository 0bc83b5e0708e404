import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../shared/guard.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

const SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      /** SHA-256 of the id in the token, so that nobody who reads the file can use it. */
      idHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      /** Id of the account. */
      account: { type: 'string' },
      /** The account's sign-out mark at sign-in. A new mark of the account ends all earlier sessions. */
      mark: { type: 'string' },
      /** Where the session is valid. */
      kind: { enum: ['dashboard', 'editor'] },
      /** What the token may be used for, in Node-RED's terms. */
      scope: { type: 'string' },
      /** ms since the epoch, by the clock of this machine, the only one that checks it. */
      expiresAt: { type: 'number' },
    },
    required: ['idHash', 'account', 'mark', 'kind', 'expiresAt'],
    additionalProperties: false,
  },
} as const;

const isSessionList = guard<FromSchema<typeof SCHEMA>>(SCHEMA);

export type Session = FromSchema<typeof SCHEMA>[number];
export type SessionKind = Session['kind'];
export type NewSession = Pick<Session, 'account' | 'mark' | 'kind' | 'scope'>;

export interface SessionOptions {
  /** The file that keeps the sessions over a restart. */
  file: string;
  /** The key that signs the tokens. Another key ends all sessions. */
  key: string;
  lifetimeMs: number;
  /** Most sessions of one account and kind. One more ends the oldest of that account. */
  mostOfAccount: number;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

/** The sessions of the people who are signed in. */
export interface Sessions {
  /** Starts a session. Its token is returned here and never again. Throws when the file cannot be written. */
  start(session: NewSession): { token: string; session: Session };
  /** The session of a token; null if it is unknown, forged, expired or of another kind. */
  find(token: string | undefined, kind: SessionKind): Session | null;
  /** Lets one session go on with a new sign-out mark. Throws when the file cannot be written. */
  remark(session: Session, mark: string): void;
  /** Ends a session; does nothing if it has ended. Throws when the file cannot be written. */
  end(session: Session): void;
}

/** Opens the stored sessions. A file that cannot be read only signs everybody out. */
export function openSessions(options: SessionOptions): Sessions {
  const { file, key, lifetimeMs, mostOfAccount, now = Date.now } = options;
  // In the order of their start, which is also that of their expiry.
  const sessions = new Map(storedIn(file).map((session) => [session.idHash, session]));

  const save = () => writePrivateFile(file, JSON.stringify([...sessions.values()]));

  const dropOld = ({ account, kind }: NewSession) => {
    for (const { idHash, expiresAt } of sessions.values()) {
      if (expiresAt <= now()) sessions.delete(idHash);
    }
    const own = [...sessions.values()].filter((one) => one.account === account && one.kind === kind);
    for (const { idHash } of own.slice(0, -mostOfAccount)) sessions.delete(idHash);
  };

  return {
    start(started) {
      const id = randomBytes(32).toString('base64url');
      const session = { ...started, idHash: hashOf(id), expiresAt: now() + lifetimeMs };
      sessions.set(session.idHash, session);
      dropOld(session);
      save();
      return { token: `${id}.${signatureOf(id, key)}`, session };
    },
    find(token, kind) {
      const id = signedId(token, key);
      const session = id === null ? undefined : sessions.get(hashOf(id));
      return session && session.kind === kind && session.expiresAt > now() ? session : null;
    },
    remark(session, mark) {
      if (!sessions.has(session.idHash)) return;
      sessions.set(session.idHash, { ...session, mark });
      save();
    },
    end({ idHash }) {
      if (sessions.delete(idHash)) save();
    },
  };
}

function storedIn(file: string): Session[] {
  try {
    const value: unknown = JSON.parse(readPrivateFile(file) ?? '[]');
    return isSessionList(value) ? value : [];
  } catch {
    return [];
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

function signatureOf(id: string, key: string): string {
  return createHmac('sha256', key).update(id).digest('base64url');
}

function signedId(token: string | undefined, key: string): string | null {
  const [, id, signature] = /^([\w-]{43})\.([\w-]{43})$/.exec(token ?? '') ?? [];
  if (id === undefined || signature === undefined) return null;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(id, key))) ? id : null;
}
