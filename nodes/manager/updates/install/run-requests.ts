import { randomUUID } from 'node:crypto';
import { askedBySystem } from '../../commands/asked-by.js';
import { type CommandRecord, type CommandRequest, type Commands, hasEnded } from '../../commands/command.js';
import { installationKey } from '../../commands/execution-key.js';
import { isUnavailable } from '../../database/unavailable.js';
import { type Answer, errorText } from '../../protocol/answer.js';
import { type Reason, wordsOfOthers } from '../../shared/reason.js';
import { asTpeError, TpeError } from '../../shared/tpe-error.js';
import { unlessClosed } from '../../shared/unless-closed.js';
import type { Work } from './checkpoint.js';
import { commandReason, commandReasonOrState } from './command-reason.js';
import type { GatewayStanding } from './gateway-standing.js';
import { InstallationOutcome } from './installation-outcome.js';
import { installationReason } from './installation-reasons.js';
import type { InstallTiming } from './timing.js';
import type { GatewayRequest, Reply } from './upgrade-api/gateway-upgrades.js';

export interface RunRequestsOptions {
  clientid: string;
  /** The id of the installation, which its commands name in `requestedBy`. */
  id: string;
  /** The id of the job that it belongs to, whose stops hold its commands too; null: to none. */
  job: string | null;
  commands: Pick<Commands, 'send' | 'submit' | 'waitFor' | 'list'>;
  standing: GatewayStanding;
  timing: InstallTiming;
  /** Where the request ids of commands are kept, which `save` stores. */
  work: Work;
  save(): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Aborted when the manager closes. */
  signal: AbortSignal;
}

/** The requests of an installation to its gateway. They reject with CLOSED when the manager closes. */
export interface RunRequests {
  /** Asks the gateway, unless it is offline. Throws the outcome CANCELED if the gateway was retired. */
  ask(request: GatewayRequest): Promise<Reply>;
  /** Sends a command that must not be sent twice, not even after a restart. Resolves with it when it has ended. */
  once(key: keyof Work['requests'], request: GatewayRequest): Promise<CommandRecord>;
  /** Notes that this command did not arrive, so that it may be sent again. */
  forget(key: keyof Work['requests']): Promise<void>;
}

/** Creates the requests of one installation run. */
export function createRunRequests(options: RunRequestsOptions): RunRequests {
  const { clientid, job, commands, timing, work, save, signal } = options;
  const requestedBy = askedBySystem(`install ${options.id}`);

  function commandOf({ method, path, requestBody }: GatewayRequest, timeoutMs: number): CommandRequest {
    // `warn`, since these requests are known to fit the API, while users can change the catalogue.
    return {
      clientid,
      method,
      path,
      requestBody,
      timeoutMs,
      check: 'warn',
      requestedBy,
      ...(job !== null && { execution: installationKey(job, options.id, randomUUID()) }),
    };
  }

  /** Finds a command that was recorded by a manager which stopped before it could note the request id. */
  async function findGiven({ method, path }: GatewayRequest): Promise<string | null> {
    let before: string | undefined;
    for (;;) {
      const records = await unlessClosed(signal, commands.list({ clientid, before, limit: 500 }));
      const found = records.find(
        (record) =>
          record.method === method &&
          record.path === path &&
          record.requestedBy === requestedBy &&
          Date.parse(record.createdAt) >= work.startedAt &&
          !work.lost.includes(record.requestId),
      );
      const last = records.at(-1);
      if (found !== undefined) return found.requestId;
      if (last === undefined || Date.parse(last.createdAt) < work.startedAt) return null;
      before = last.requestId;
    }
  }

  async function give(request: GatewayRequest): Promise<string> {
    return (await unlessClosed(signal, commands.submit(commandOf(request, timing.create)))).requestId;
  }

  return {
    async ask(request) {
      try {
        const standing = await unlessClosed(signal, options.standing(clientid));
        if (standing === 'retired') throw retired();
        if (standing === 'offline') {
          return { kind: 'offline', reason: installationReason('installation-gateway-offline') };
        }
        return replyOf(await unlessClosed(signal, commands.send(commandOf(request, timing.answer))));
      } catch (error) {
        if (!isPassing(error)) throw error;
        return { kind: 'silent', reason: asTpeError(error).reason };
      }
    },
    async once(key, request) {
      let requestId = work.requests[key] ?? null;
      for (;;) {
        try {
          requestId ??= (await findGiven(request)) ?? (await give(request));
          if (work.requests[key] !== requestId) {
            work.requests[key] = requestId;
            await save();
          }
          const record = await unlessClosed(signal, commands.waitFor(requestId, timing.answer));
          if (record !== null && hasEnded(record.state)) return record;
        } catch (error) {
          if (!isPassing(error)) throw error;
          await options.pause(timing.retry);
        }
      }
    },
    async forget(key) {
      const requestId = work.requests[key];
      if (requestId !== undefined) work.lost.push(requestId);
      delete work.requests[key];
      await save();
    },
  };
}

function replyOf(record: CommandRecord): Reply {
  const { answer, reasonCode } = record;
  if (answer !== null) {
    const { status, payload } = answer;
    const error = record.state === 'FAILED' ? (commandReason(record) ?? answerFault(answer)) : null;
    return { kind: 'answered', status, payload, error };
  }
  if (reasonCode === 'NOT_FOUND') throw retired();
  return { kind: reasonCode === 'OFFLINE' ? 'offline' : 'silent', reason: commandReasonOrState(record) };
}

function answerFault({ status, payload }: Answer): Reason {
  const words = errorText(payload);
  return words === null ? installationReason('installation-answer-status', { status }) : wordsOfOthers(words);
}

function retired(): InstallationOutcome {
  const reason = installationReason('installation-gateway-retired');
  return new InstallationOutcome('CANCELED', 'NOT_FOUND', reason);
}

/** Whether a failure passes by itself: the database or the broker is away, or has too much to do. */
function isPassing(error: unknown): boolean {
  if (error instanceof TpeError) return error.code === 'UNAVAILABLE' || error.code === 'BUSY';
  return isUnavailable(error);
}
