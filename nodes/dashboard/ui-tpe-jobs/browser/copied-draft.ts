import type {
  JobCommand,
  JobCondition,
  JobInstall,
  JobStepGiven,
} from '../../../manager/jobs/definition/definition.js';
import type { Job } from '../../../manager/jobs/job.js';
import { draftOf, type FormOperation } from '../../ui-tpe-commands/browser/draft.js';
import {
  type CommandDraft,
  type ConditionDraft,
  emptyCondition,
  emptyDraft,
  emptyStep,
  type InstallDraft,
  type JobDraft,
  type StepDraft,
} from './job-draft.js';

/** Finds an operation by its id. Rejects if it is not in the catalogue any more. */
export type FindOperation = (id: string) => Promise<FormOperation>;

const SECONDS = { minute: 60, day: 86_400 };

/**
 * The draft of a new job that is like another one. Values of single gateways are not kept with a job, so they have to be given again.
 * Rejects if an operation is not in the catalogue any more.
 */
export async function copiedDraft(
  { name, note = '', do: work, verify, targets, rollout = {}, timeouts = {}, retry = {} }: Job['definition'],
  find: FindOperation,
): Promise<JobDraft> {
  const empty = emptyDraft({});
  const { inProgressSeconds, offlineSeconds } = timeouts;
  return {
    ...empty,
    name,
    note,
    what: work.install ? 'install' : work.steps ? 'steps' : 'command',
    ...(work.command && { command: await commandOf(work.command, verify, find) }),
    ...(work.install && { install: installOf(work.install) }),
    ...(work.steps && { steps: await Promise.all(work.steps.map((step) => stepOf(step, find))) }),
    who: targets.all ? 'all' : targets.ids ? 'ids' : 'filter',
    filter: { ...targets.filter },
    ids: (targets.ids ?? []).join('\n'),
    rollout: { ...empty.rollout, ...rollout },
    retry: { ...empty.retry, ...retry },
    inProgressMinutes: inProgressSeconds === undefined ? '' : inProgressSeconds / SECONDS.minute,
    offlineDays: offlineSeconds === undefined ? '' : offlineSeconds / SECONDS.day,
  };
}

async function stepOf(step: JobStepGiven, find: FindOperation): Promise<StepDraft> {
  const { name = '', always = false, command, waitOnline, readUntil, install, verify } = step;
  const common = { ...emptyStep(), name, always };
  if (command) return { ...common, kind: 'command', command: await commandOf(command, verify, find) };
  if (waitOnline) return { ...common, kind: 'waitOnline', settleSeconds: waitOnline.settleSeconds ?? '' };
  if (readUntil) return { ...common, kind: 'readUntil', condition: await conditionOf(readUntil, find) };
  return { ...common, kind: 'install', install: installOf(install ?? {}) };
}

async function commandOf(
  { operation: id, params = {}, method = 'GET', path = '', requestBody }: JobCommand,
  verify: JobCondition | undefined,
  find: FindOperation,
): Promise<CommandDraft> {
  const operation = id === undefined ? null : await find(id);
  const given = operation === null ? { method, path } : { params };
  return {
    request: { ...draftOf(operation), ...given, body: requestBody },
    verify: verify === undefined ? null : await conditionOf(verify, find),
  };
}

async function conditionOf(
  { operation, path = '', pointer, equals, withinSeconds, everySeconds }: JobCondition,
  find: FindOperation,
): Promise<ConditionDraft> {
  return {
    ...emptyCondition(),
    path: operation === undefined ? path : (await find(operation)).path,
    pointer,
    // A text that could be read as something else keeps its quotes.
    equals: typeof equals === 'string' && !isJson(equals) ? equals : JSON.stringify(equals),
    withinSeconds: withinSeconds ?? '',
    everySeconds: everySeconds ?? '',
  };
}

const installOf = ({ snapshot = true, allowCellular = false }: JobInstall): InstallDraft => ({
  snapshot,
  allowCellular,
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
