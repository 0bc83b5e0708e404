import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../shared/guard.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

const SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      /** SHA-256 of the id in the token: who reads the file cannot use it. */
      idHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      /** Id of the account. */
      account: { type: 'string' },
      /** That of the account when it signed in: with another one all sessions from before are over. */
      mark: { type: 'string' },
      /** Where it counts. */
      kind: { enum: ['dashboard', 'editor'] },
      /** What the token may be used for, in Node-RED's words. */
      scope: { type: 'string' },
      /** ms since the epoch, by the clock of this machine, which alone looks at it. */
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
  /** Keeps the sessions over a restart. */
  file: string;
  /** Signs the tokens; another key ends all sessions. */
  key: string;
  lifetimeMs: number;
  /** So many of an account and kind; beyond that the oldest of that account ends, and nobody else's. */
  mostOfAccount: number;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

/** Who is signed in. */
export interface Sessions {
  /** Signs somebody in; the token is told here and never again. Throws when the file cannot be written. */
  start(session: NewSession): { token: string; session: Session };
  /** The session of a token; null when it is unknown, forged, over or of another kind. */
  find(token: string | undefined, kind: SessionKind): Session | null;
  /** Lets one session go on with another mark. Throws when the file cannot be written. */
  remark(session: Session, mark: string): void;
  /** Ends one; does nothing for one that is over. Throws when the file cannot be written. */
  end(session: Session): void;
}

/** Reads the sessions that are still good; an unreadable file only signs everybody out. */
export function openSessions(options: SessionOptions): Sessions {
  const { file, key, lifetimeMs, mostOfAccount, now = Date.now } = options;
  // In order of start, hence of expiry.
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
