import type { NodeMessage, NodeMessageInFlow } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import { parseNewStop, type Stop } from '../manager/guard/guard.js';
import type { Job, JobAct } from '../manager/jobs/job.js';
import { RETRY_KINDS, retryOf } from '../manager/jobs/retry-of.js';
import { parseTargets } from '../manager/registry/targets.js';
import { badField } from '../manager/shared/invalid-input.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { isPlainObject } from '../manager/shared/validate.js';
import type { JOB_ACTIONS } from '../node-red/fields/choices.js';
import {
  choiceOf,
  clientIdIn,
  requiredTextOf,
  switchOf,
  textOf,
} from '../node-red/runtime/message-values.js';
import { pageQuery } from '../node-red/runtime/paging.js';
import { jobMessage } from './job-messages.js';
import { parseExecutionQuery, parseJobQuery } from './job-queries.js';

export type JobAction = (typeof JOB_ACTIONS)[number];

/** What an act gets of the node. */
export interface ActTools {
  manager: DeviceManager;
  msg: NodeMessageInFlow;
  /** Who asks. */
  by: string;
  /** Makes the definition of a job. Rejects with INVALID_INPUT. */
  definition(): Promise<unknown>;
  /** The id that field or message give; undefined if they give none. */
  named: string | undefined;
  /** The id of the job: as it is named, else by `msg.tpe.job`, else the only job that this node follows. Throws INVALID_INPUT. */
  id(): string;
  /** Has the node follow the job, which it began, and tell of its gateways that are decided after the change `mark`; without, of all. */
  begun(job: Job, mark?: number): void;
}

/** What an action leaves: a job, whose state the node tells of, or an answer in the message. */
export type Outcome = { job: Job } | { answer: unknown; facts?: Record<string, unknown>; topic?: string };

/** A value of the message: its own property, or one of a payload that is an object. */
function valueIn(msg: NodeMessage, name: string): unknown {
  const own = (msg as Record<string, unknown>)[name];
  return own ?? (isPlainObject(msg.payload) ? msg.payload[name] : undefined);
}

const textIn = (msg: NodeMessage, name: string) => textOf(valueIn(msg, name), name);

/** What is done with the message for each action. All reject with TpeError. */
export const ACTS: Record<JobAction, (tools: ActTools) => Promise<Outcome>> = {
  async preview({ manager, definition }) {
    const preview = await manager.jobs.preview(await definition());
    return { answer: preview, facts: { hash: preview.hash, total: preview.total } };
  },
  async create(tools) {
    const job = await recorded(tools);
    tools.begun(job);
    return { job };
  },
  async submit(tools) {
    const job = await submitted(tools, tools.id());
    tools.begun(job);
    return { job };
  },
  async start(tools) {
    const draft = await recorded(tools);
    // With the key of a message before, it may have begun already.
    if (draft.state !== 'DRAFT') {
      tools.begun(draft);
      return { job: draft };
    }
    try {
      const job = await submitted(tools, draft.id);
      tools.begun(job);
      return { job };
    } catch (error) {
      // Nobody knows of the draft. One that has begun after all is none any more, and stays.
      await tools.manager.jobs.remove(draft.id, actOf(tools)).catch(() => undefined);
      throw error;
    }
  },
  pause: async (tools) => ({ job: await tools.manager.jobs.pause(tools.id(), actOf(tools)) }),
  resume: async (tools) => ({ job: await tools.manager.jobs.resume(tools.id(), actOf(tools)) }),
  async cancel(tools) {
    const id = tools.id();
    const force = switchOf(valueIn(tools.msg, 'force'), 'force');
    return {
      job: await confirming(textIn(tools.msg, 'confirm'), (confirm) =>
        tools.manager.jobs.cancel(id, { ...actOf(tools), ...(force && { force }), ...confirm }),
      ),
    };
  },
  async retry(tools) {
    const { manager, msg } = tools;
    const id = tools.id();
    const which = retryOf({
      which: choiceOf(valueIn(msg, 'which'), 'which', RETRY_KINDS) ?? 'failed',
      ...given('code', textIn(msg, 'code')),
      ...given('model', textIn(msg, 'model')),
      ...given('firmware', textIn(msg, 'firmware')),
      ...given('clientid', clientIdIn(valueIn(msg, 'clientid'), 'clientid')),
      ...given('confirm', textIn(msg, 'confirm')),
    });
    const { upTo } = await manager.jobs.decided(id, null);
    const count = await manager.jobs.retry(id, which, actOf(tools));
    const job = known(await manager.jobs.brief(id), id);
    if (count > 0) tools.begun(job, upTo);
    return { answer: { count }, facts: { job: id, state: job.state }, topic: id };
  },
  async skip(tools) {
    const { manager, msg } = tools;
    const id = tools.id();
    const asked = valueIn(msg, 'clientids') ?? valueIn(msg, 'clientid');
    const targets = parseTargets(asked, 'clientids');
    if (targets.kind === 'filter' || targets.kind === 'all') throw badField('clientids', 'client ids');
    const clientids = targets.kind === 'one' ? [targets.clientid] : targets.clientids;
    return {
      answer: { count: await manager.jobs.skip(id, clientids, actOf(tools)) },
      facts: { job: id },
      topic: id,
    };
  },
  async get(tools) {
    const { manager, msg } = tools;
    const id = tools.id();
    const clientid = clientIdIn(valueIn(msg, 'clientid'), 'clientid');
    if (clientid === undefined)
      return { answer: known(await manager.jobs.get(id), id), facts: { job: id }, topic: id };
    const found = await manager.jobs.execution(id, clientid);
    if (found !== null) return { answer: found, facts: { job: id }, topic: clientid };
    throw new TpeError('NOT_FOUND', `The job ${id} has no gateway "${clientid}".`);
  },
  list: (tools) =>
    listedJob(tools) === undefined ? listJobs(tools) : listExecutions(tools, listedJob(tools)!),
  async waiting({ manager, id }) {
    const job = id();
    return { answer: await manager.jobs.waiting(job), facts: { job }, topic: job };
  },
  async stopAll({ manager, msg, by, ...tools }) {
    const { scope = 'fleet', value, reason = '' } = isPlainObject(msg.payload) ? msg.payload : {};
    const of = value ?? (scope === 'job' ? tools.id() : undefined);
    const stop = await manager.guard.stop(parseNewStop({ scope, reason, ...given('value', of) }), by);
    return { answer: stop, facts: { stop: stop.id } };
  },
  async liftStop({ manager, msg, by }) {
    const id = textIn(msg, 'stop');
    if (id !== undefined) return { answer: await manager.guard.lift(id, by), facts: { stop: id } };
    return { answer: await liftOwn(manager, by) };
  },
};

/** Lifts what this node has stopped. What others have stopped takes its id, so that a switch never undoes what a person wants. */
async function liftOwn(manager: DeviceManager, by: string): Promise<Stop[]> {
  const active = await manager.guard.activeStops();
  const own = active.filter(({ createdBy }) => createdBy === by);
  if (own.length === 0) {
    const others = active.map(({ id, createdBy }) => `${id} (${createdBy})`).join(', ');
    const rest = others === '' ? 'Nothing is stopped.' : `Give the id of another as "stop": ${others}.`;
    throw new TpeError('NOT_FOUND', `There is no stop of "${by}". ${rest}`, { field: 'stop' });
  }
  const lifted: Stop[] = [];
  for (const { id } of own) lifted.push(await manager.guard.lift(id, by));
  return lifted;
}

async function recorded({ manager, msg, by, definition }: ActTools): Promise<Job> {
  return manager.jobs.create(await definition(), {
    by,
    ...given('idempotencyKey', textIn(msg, 'idempotencyKey')),
  });
}

async function submitted(tools: ActTools, id: string): Promise<Job> {
  const previewHash = given('previewHash', textIn(tools.msg, 'previewHash'));
  return await confirming(textIn(tools.msg, 'confirm'), (confirm) =>
    tools.manager.jobs.submit(id, { ...actOf(tools), ...previewHash, ...confirm }),
  );
}

/**
 * Does an act that may have to be confirmed. A flow confirms by itself, as it does with every command: whoever made it has decided. What the
 * message gives to confirm is taken as it is.
 */
async function confirming<Result>(
  confirm: string | undefined,
  act: (given: { confirm?: string }) => Promise<Result>,
): Promise<Result> {
  try {
    return await act(given('confirm', confirm));
  } catch (error) {
    const asked =
      error instanceof TpeError && error.code === 'CONFLICT' ? error.details.confirmation : undefined;
    if (confirm !== undefined || typeof asked !== 'string') throw error;
    return await act({ confirm: asked });
  }
}

const actOf = ({ by }: ActTools): JobAct => ({ by });

function known<Found>(job: Found | null, id: string): Found {
  if (job !== null) return job;
  throw new TpeError('NOT_FOUND', `There is no job "${id}".`);
}

/** The job whose gateways are listed: as it is named, or that of a page that came back. Without one, jobs are listed. */
function listedJob({ msg, named }: ActTools): string | undefined {
  if (named !== undefined) return named;
  const { payload, tpe } = msg;
  const isPage = Array.isArray(payload) && isPlainObject(tpe) && typeof tpe.next === 'string';
  return isPage ? textOf(tpe.job, 'tpe.job') : undefined;
}

async function listJobs({ manager, msg }: ActTools): Promise<Outcome> {
  const query = parseJobQuery(queryOf(msg, 'before'));
  const { items, next } = await manager.jobs.list(query);
  return { answer: items, facts: { next, query } };
}

async function listExecutions({ manager, msg }: ActTools, job: string): Promise<Outcome> {
  const query = parseExecutionQuery(queryOf(msg, 'cursor'));
  const { items, next } = await manager.jobs.executions(job, query);
  return { answer: items, facts: { job, next, query }, topic: job };
}

function queryOf(
  { payload, tpe }: NodeMessage & { tpe?: unknown },
  cursorName: string,
): Record<string, unknown> {
  // The time of an inject node, and the like, ask for nothing in particular.
  const asked = isPlainObject(payload) || Array.isArray(payload) ? payload : undefined;
  const { action: _action, job: _job, ...query } = pageQuery(asked, tpe, cursorName);
  return query;
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}

/** Puts what an action leaves into the message. */
export function answered(msg: NodeMessage, action: JobAction, outcome: Outcome): NodeMessage {
  if ('job' in outcome) {
    const made = jobMessage(msg, outcome.job);
    return Object.assign(made, { tpe: { action, ...(made.tpe as object) } });
  }
  msg.payload = outcome.answer;
  msg.tpe = { action, ...outcome.facts };
  if (outcome.topic !== undefined) msg.topic = outcome.topic;
  return msg;
}

/** Reads the id of the job as `ActTools.id` says. `only` is the one job that the node follows, if it is one. */
export function jobIdOf(msg: NodeMessage, named: string | undefined, open: readonly string[]): string {
  const { tpe } = msg as { tpe?: unknown };
  const before = isPlainObject(tpe) ? textOf(tpe.job, 'tpe.job') : undefined;
  const only = open.length === 1 ? open[0] : undefined;
  return requiredTextOf(named ?? before ?? only, 'job');
}
