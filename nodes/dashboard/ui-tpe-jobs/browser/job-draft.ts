import type {
  JobCommand,
  JobCondition,
  JobDefinition,
  JobInstall,
  JobStep,
  JobStepGiven,
} from '../../../manager/jobs/definition/definition.js';
import type { DeviceFilter } from '../../../manager/registry/device-filter.js';
import { hasBigInt } from '../../../manager/shared/exact-json.js';
import { type Draft, markedOf, sentBody } from '../../ui-tpe-commands/browser/draft.js';
import { idsIn } from './client-ids.js';

/** What a person has typed of a condition. */
export interface ConditionDraft {
  path: string;
  pointer: string;
  /** JSON, or a text as it is. */
  equals: string;
  withinSeconds: number | '';
  everySeconds: number | '';
}

/** A command that the person fills in, and how it is checked that the gateway has done it. */
export interface CommandDraft {
  request: Draft | null;
  /** Null: not asked afterwards. */
  verify: ConditionDraft | null;
}

export interface InstallDraft {
  snapshot: boolean;
  allowCellular: boolean;
}

export interface StepDraft {
  /** Tells steps apart that change places: a random number, since a draft has steps from before. */
  key: number;
  name: string;
  always: boolean;
  kind: JobStep['kind'];
  command: CommandDraft;
  install: InstallDraft;
  condition: ConditionDraft;
  settleSeconds: number | '';
}

export const WHATS = ['command', 'install', 'steps'] as const;
export const WHOS = ['filter', 'ids', 'file', 'all'] as const;

/** A job that a person is filling in. A blank number stands for the default. */
export interface JobDraft {
  name: string;
  note: string;
  what: (typeof WHATS)[number];
  command: CommandDraft;
  install: InstallDraft;
  steps: StepDraft[];
  who: (typeof WHOS)[number];
  filter: DeviceFilter;
  ids: string;
  file: { name: string; text: string; ids: string[] } | null;
  rollout: Record<'maxPerMinute' | 'maxInProgress' | 'perSite' | 'jitterSeconds', number | ''>;
  /** Whether it is begun also while the windows of a site are shut. */
  outsideWindows: boolean;
  retry: Record<'failed' | 'timedOut' | 'backoffSeconds', number | ''>;
  inProgressMinutes: number | '';
  offlineDays: number | '';
}

/** Sets of the pace. */
export const PRESETS = {
  /** One of each site, few at once. */
  careful: { maxPerMinute: 2, maxInProgress: 5, perSite: 1, jitterSeconds: 30 },
  slowly: { maxPerMinute: 10, maxInProgress: 40, perSite: '', jitterSeconds: 30 },
  /** For what only reads. */
  now: { maxPerMinute: 1000, maxInProgress: 200, perSite: '', jitterSeconds: 0 },
} as const satisfies Record<string, JobDraft['rollout']>;

const SECONDS = { minute: 60, day: 86_400 };

export const emptyCondition = (): ConditionDraft => ({
  path: '',
  pointer: '',
  equals: '',
  withinSeconds: '',
  everySeconds: '',
});

export function emptyStep(): StepDraft {
  return {
    key: Math.random(),
    name: '',
    always: false,
    kind: 'command',
    command: { request: null, verify: null },
    install: { snapshot: true, allowCellular: false },
    condition: emptyCondition(),
    settleSeconds: '',
  };
}

/** What was chosen on another page for a new job. */
export interface JobBeginning {
  clientids?: readonly string[];
  filter?: DeviceFilter;
  what?: JobDraft['what'];
  /** The id of the job that it is to be like. */
  copyOf?: string;
}

/** The draft that a person begins with. */
export function emptyDraft({ clientids = [], filter = {}, what = 'command' }: JobBeginning): JobDraft {
  return {
    name: '',
    note: '',
    what,
    command: { request: null, verify: null },
    install: { snapshot: true, allowCellular: false },
    steps: [emptyStep()],
    who: clientids.length > 0 ? 'ids' : 'filter',
    filter: { ...filter },
    ids: clientids.join('\n'),
    file: null,
    rollout: { maxPerMinute: '', maxInProgress: '', perSite: '', jitterSeconds: '' },
    outsideWindows: false,
    retry: { failed: '', timedOut: '', backoffSeconds: '' },
    inProgressMinutes: '',
    offlineDays: '',
  };
}

/** The folded names of what the operations of a draft mark as secrets. */
export function markedIn({ command, steps }: JobDraft): ReadonlySet<string> {
  const requests = [command, ...steps.map((step) => step.command)].map(({ request }) => request);
  return new Set(requests.flatMap((request) => [...markedOf(request?.operation ?? null)]));
}

/** What is still missing before the server can say what the job would do; null for nothing. */
export function missingIn(draft: JobDraft): 'what' | 'who' | 'number' | null {
  const work = workOf(draft);
  if (work === null) return 'what';
  if (targetsOf(draft) === null) return 'who';
  return hasBigInt(work) ? 'number' : null;
}

/** The job as the server takes it; null while something is missing. `name` is used while the person gave none. */
export function definitionOf(draft: JobDraft, name: string): JobDefinition | null {
  const [work, targets] = [workOf(draft), targetsOf(draft)];
  if (work === null || targets === null || hasBigInt(work)) return null;
  const verify = draft.what === 'command' && draft.command.verify ? conditionOf(draft.command.verify) : null;
  const timeouts = {
    ...given('inProgressSeconds', times(draft.inProgressMinutes, SECONDS.minute)),
    ...given('offlineSeconds', times(draft.offlineDays, SECONDS.day)),
  };
  return {
    name: draft.name.trim() || name,
    do: work,
    targets,
    ...(draft.note.trim() && { note: draft.note.trim() }),
    ...(verify && { verify }),
    ...(draft.who === 'file' && draft.file && { perTarget: draft.file.text }),
    ...section('rollout', {
      ...numbers(draft.rollout),
      ...(draft.outsideWindows && { outsideWindows: true }),
    }),
    ...section('timeouts', timeouts),
    ...section('retry', numbers(draft.retry)),
  } as JobDefinition;
}

function workOf({ what, command, install, steps }: JobDraft): JobDefinition['do'] | null {
  if (what === 'install') return { install: installOf(install) };
  if (what === 'steps') {
    const all = steps.map(stepOf);
    return all.length === 0 || all.includes(null) ? null : { steps: all as JobStepGiven[] };
  }
  return command.request === null ? null : { command: commandOf(command.request) };
}

function targetsOf({ who, filter, ids, file }: JobDraft): JobDefinition['targets'] | null {
  if (who === 'all') return { all: true };
  if (who === 'file') return file === null || file.ids.length === 0 ? null : { ids: file.ids };
  if (who === 'ids') {
    const found = idsIn(ids);
    return found.length === 0 ? null : { ids: found };
  }
  const conditions = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '');
  return conditions.length === 0 ? null : { filter: Object.fromEntries(conditions) };
}

function stepOf(step: StepDraft): JobStepGiven | null {
  const { name, always, kind } = step;
  const common = { ...(name.trim() && { name: name.trim() }), ...(always && { always }) };
  if (kind === 'install') return { ...common, install: installOf(step.install) };
  if (kind === 'waitOnline')
    return { ...common, waitOnline: { ...given('settleSeconds', step.settleSeconds) } };
  if (kind === 'readUntil') {
    const readUntil = conditionOf(step.condition);
    return readUntil && { ...common, readUntil };
  }
  const { request, verify } = step.command;
  if (request === null) return null;
  const check = verify && conditionOf(verify);
  return { ...common, command: commandOf(request), ...(check && { verify: check }) };
}

function commandOf(draft: Draft): JobCommand {
  const { operation, params, method, path } = draft;
  const body = sentBody(draft);
  const requestBody = body === undefined ? {} : { requestBody: body };
  if (operation === null) return { method, path: path.trim(), ...requestBody };
  const isGiven = operation.parameters.length > 0;
  return {
    operation: operation.id,
    ...(isGiven && { params: params as Record<string, unknown> }),
    ...requestBody,
  } as JobCommand;
}

const installOf = ({ snapshot, allowCellular }: InstallDraft): JobInstall => ({
  to: 'newest',
  snapshot,
  allowCellular,
});

/** Null while its path is blank. */
function conditionOf({ path, pointer, equals, ...times }: ConditionDraft): JobCondition | null {
  if (path.trim() === '') return null;
  return {
    path: path.trim(),
    pointer: pointer.trim(),
    equals: typedValue(equals),
    ...numbers(times),
  } as JobCondition;
}

/** A value as a person types it: JSON where it is JSON, else the text. */
function typedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function numbers(fields: Readonly<Record<string, number | ''>>): Record<string, number> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) as Record<
    string,
    number
  >;
}

function given(name: string, value: number | ''): Record<string, number> {
  return value === '' ? {} : { [name]: value };
}

function times(value: number | '', factor: number): number | '' {
  return value === '' ? '' : Math.round(value * factor);
}

function section(name: string, fields: Record<string, unknown>): Record<string, unknown> {
  return Object.keys(fields).length === 0 ? {} : { [name]: fields };
}
