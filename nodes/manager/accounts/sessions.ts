import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { readPrivateFile, writePrivateFile } from './private-file.js';

const SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      /** SHA-256 of the id in the cookie: who reads the file cannot use it. */
      idHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      user: { type: 'string' },
      /** ms since the epoch. */
      expiresAt: { type: 'number' },
    },
    required: ['idHash', 'user', 'expiresAt'],
    additionalProperties: false,
  },
} as const;

const isSessionList = new Ajv().compile<FromSchema<typeof SCHEMA>>(SCHEMA);

export type Session = FromSchema<typeof SCHEMA>[number];

export interface SessionOptions {
  /** Keeps the sessions over a restart. */
  file: string;
  /** Signs the cookies; another key ends all sessions. */
  key: string;
  lifetimeMs: number;
  /** Beyond that the oldest session ends. */
  most: number;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

/** Who is signed in. */
export interface Sessions {
  /** Signs the user in; the cookie's value is told here and never again. Throws when the file cannot be written. */
  start(user: string): { cookie: string; session: Session };
  /** The session of a cookie's value; null when it is unknown, forged or over. */
  find(cookie: string | undefined): Session | null;
  /** When a session began, ms since the epoch. */
  startOf(session: Session): number;
  /** Signs out; does nothing for an unknown cookie. Throws when the file cannot be written. */
  end(cookie: string | undefined): void;
}

/** Reads the sessions that are still good; an unreadable file only signs everybody out. */
export function openSessions(options: SessionOptions): Sessions {
  const { file, key, lifetimeMs, most, now = Date.now } = options;
  // In order of start, hence of expiry.
  const sessions = new Map(storedIn(file).map((session) => [session.idHash, session]));

  const save = () => writePrivateFile(file, JSON.stringify([...sessions.values()]));

  const dropOld = () => {
    for (const { idHash, expiresAt } of sessions.values()) {
      if (expiresAt <= now() || sessions.size > most) sessions.delete(idHash);
    }
  };

  const find = (cookie: string | undefined): Session | null => {
    const id = signedId(cookie, key);
    const session = id === null ? undefined : sessions.get(hashOf(id));
    return session && session.expiresAt > now() ? session : null;
  };

  return {
    start(user) {
      const id = randomBytes(32).toString('base64url');
      const session = { idHash: hashOf(id), user, expiresAt: now() + lifetimeMs };
      sessions.set(session.idHash, session);
      dropOld();
      save();
      return { cookie: `${id}.${signatureOf(id, key)}`, session };
    },
    find,
    startOf: ({ expiresAt }) => expiresAt - lifetimeMs,
    end(cookie) {
      const session = find(cookie);
      if (!session) return;
      sessions.delete(session.idHash);
      save();
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

function signedId(cookie: string | undefined, key: string): string | null {
  const [, id, signature] = /^([\w-]{43})\.([\w-]{43})$/.exec(cookie ?? '') ?? [];
  if (id === undefined || signature === undefined) return null;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(id, key))) ? id : null;
}
