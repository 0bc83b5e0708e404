import type { FromSchema } from 'json-schema-to-ts';
import { askedBySystem } from '../commands/asked-by.js';
import type { Commands } from '../commands/command.js';
import { isSuccess } from '../protocol/answer.js';
import { TpeError } from '../shared/tpe-error.js';
import { parser } from '../shared/validate.js';

/** What a gateway said of its applications. `other`: it answered, but without a list that can be read. */
export type AppsReply =
  | { kind: 'apps'; running: readonly string[] }
  | { kind: 'other' }
  | { kind: 'silent' }
  | { kind: 'retired' };

const MAX_APPS = 1000;

const answerSchema = {
  type: 'object',
  required: ['data'],
  properties: {
    data: {
      type: 'array',
      maxItems: MAX_APPS,
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string', maxLength: 200 }, state: {}, health: {} },
      },
    },
  },
} as const;
const parseAnswer = parser<FromSchema<typeof answerSchema>>(answerSchema, 'the answer to GET /apps');

/** Asks a gateway which applications run. Rejects with CLOSED alone. */
export async function askForApps(
  commands: Pick<Commands, 'send'>,
  clientid: string,
  timeoutMs: number,
): Promise<AppsReply> {
  try {
    // `warn`, since the request is known to fit the API, while users can change the catalogue.
    const { answer, reasonCode } = await commands.send({
      ...{ clientid, method: 'GET', path: '/apps', timeoutMs, check: 'warn' },
      requestedBy: askedBySystem('well'),
    });
    if (answer === null) return { kind: reasonCode === 'NOT_FOUND' ? 'retired' : 'silent' };
    const running = isSuccess(answer.status) ? runningIn(answer.payload) : null;
    return running === null ? { kind: 'other' } : { kind: 'apps', running };
  } catch (error) {
    if (error instanceof TpeError && error.code === 'CLOSED') throw error;
    // The database or the broker is away, or has too much to do: that passes.
    return { kind: 'silent' };
  }
}

/** The names of the applications that run, by the payload of an answer to GET /apps; null if it is no list of applications. */
export function runningIn(payload: unknown): string[] | null {
  try {
    return parseAnswer(payload)
      .data.filter(runs)
      .map(({ name }) => name);
  } catch {
    return null;
  }
}

function runs({ state, health }: { state?: unknown; health?: unknown }): boolean {
  return state === 'ready' && (health === undefined || health === null || health === 'good');
}

/** The applications that a command leaves running, of those that ran before: not the one that it stops or uninstalls. */
export function leftRunning(
  apps: readonly string[],
  { method, path }: { method: string; path: string },
): string[] {
  const stopped =
    method === 'PUT' ? /^\/apps\/([^/?]+)\/(?:stop|uninstall)(?:\?|$)/.exec(path)?.[1] : undefined;
  return apps.filter((name) => encodeURIComponent(name) !== stopped && name !== stopped);
}
