import { highest, type Rating } from '../../catalogue/risk.js';
import { TpeError } from '../../shared/tpe-error.js';
import { isPlainObject } from '../../shared/validate.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { checkPackages } from '../../updates/install/check-request.js';
import { type CheckContext, checkJobRequest } from './check-job-request.js';
import type {
  JobCommand,
  JobCondition,
  JobDefinition,
  JobInstall,
  JobStep,
  JobStepGiven,
} from './definition.js';
import { checkPlaceholders, refuseBraces, refuseManyPlaceholders } from './placeholders.js';
import { installRating } from './rate-steps.js';
import { SECRET_KEY } from './secrets.js';
import { atField, wrongJob } from './wrong-job.js';

/** The steps of a job with their defaults, and what they may do at a gateway. */
export interface CheckedSteps {
  steps: JobStep[];
  rating: Rating;
}

interface CheckedStep {
  step: JobStep;
  rating: Rating;
}

const KINDS = ['command', 'waitOnline', 'readUntil', 'install'] as const;
const WITHIN_S = 60;
const EVERY_S = 5;
const SETTLE_S = 20;
const ONLINE_WITHIN_S = 1800;
const READ: Rating = { risk: 'read', classes: [] };
/** JSON Pointer (RFC 6901): empty, or levels with `~` as `~0` or `~1` alone. */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** Reads what a job does into steps. Rejects with INVALID_INPUT naming the field and the rule of what is wrong or contradicts itself. */
export async function readSteps(
  definition: Pick<JobDefinition, 'do' | 'verify'>,
  context: CheckContext,
): Promise<CheckedSteps> {
  const { command, install, steps } = definition.do;
  const { verify } = definition;
  if (verify !== undefined && command === undefined)
    throw wrongJob(
      'verify',
      'verify-of-command',
      install === undefined
        ? 'belongs to a single command: give it to a step'
        : 'belongs to a command: an installation proves itself by the versions that the gateway reports',
    );
  refuseManyPlaceholders([definition.do, verify], 'do');
  await yieldToEventLoop();
  const checked: CheckedStep[] = [];
  for (const [index, step] of (steps ?? []).entries()) {
    await yieldToEventLoop();
    checked.push(await readStep(step, `do.steps.${index}`, context));
  }
  if (!steps) checked.push(await readStep({ command, install, verify }, 'do', context, 'verify'));
  if (steps && checked.every(({ step }) => step.always))
    throw wrongJob('do.steps', 'only-always', 'must have a step that is not "always"');
  return {
    steps: checked.map(({ step }) => step),
    rating: highest(checked.map(({ rating }) => rating)),
  };
}

async function readStep(
  given: JobStepGiven,
  field: string,
  context: CheckContext,
  verifyField = `${field}.verify`,
): Promise<CheckedStep> {
  const kinds = KINDS.filter((kind) => given[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined)
    throw wrongJob(
      field,
      'one-kind',
      `does nothing: give one of ${KINDS.map((one) => `"${one}"`).join(', ')}`,
    );
  if (kinds.length > 1)
    throw wrongJob(
      field,
      'one-kind',
      `has ${kinds.map((one) => `"${one}"`).join(' and ')}: make a step of each`,
    );
  if (given.verify !== undefined && kind !== 'command')
    throw wrongJob(verifyField, 'verify-of-command', `belongs to a command, not to "${kind}"`);
  const common = { name: given.name?.trim() ?? '', always: given.always ?? false };
  if (given.name !== undefined) refuseBraces(given.name, `${field}.name`, 'names a step');
  const read = await readKind(given, field, verifyField, context);
  return { ...read, step: { ...read.step, ...common, name: common.name || nameOf(read.step) } };
}

async function readKind(
  given: JobStepGiven,
  field: string,
  verifyField: string,
  context: CheckContext,
): Promise<CheckedStep> {
  const base = { name: '', always: false };
  const { command, waitOnline, readUntil, install, verify } = given;
  if (command !== undefined) {
    const { rating, ...checked } = await readCommand(command, `${field}.command`, context);
    const condition = verify === undefined ? null : await readCondition(verify, verifyField, context);
    return { step: { ...base, kind: 'command', ...checked, verify: condition }, rating };
  }
  if (waitOnline !== undefined) {
    const { settleSeconds = SETTLE_S, withinSeconds = ONLINE_WITHIN_S } = waitOnline;
    if (settleSeconds >= withinSeconds)
      throw wrongJob(
        `${field}.waitOnline.withinSeconds`,
        'within',
        `must be more than "settleSeconds", which is ${settleSeconds}`,
      );
    return { step: { ...base, kind: 'waitOnline', settleSeconds, withinSeconds }, rating: READ };
  }
  if (readUntil !== undefined) {
    const condition = await readCondition(readUntil, `${field}.readUntil`, context);
    return { step: { ...base, kind: 'readUntil', condition }, rating: READ };
  }
  const checked = readInstall(install ?? {}, `${field}.install`);
  return { step: { ...base, kind: 'install', install: checked }, rating: installRating(context.catalogue) };
}

async function readCommand(command: JobCommand, field: string, context: CheckContext) {
  const rating = await checkJobRequest(command, field, context);
  const isRead = rating.risk === 'read';
  if (isRead && command.untilWell === true)
    throw wrongJob(
      `${field}.untilWell`,
      'until-well',
      'belongs to what may restart the gateway, and this only reads',
    );
  return { command: isRead ? { ...command, untilWell: false } : command, rating };
}

async function readCondition(
  condition: JobCondition,
  field: string,
  context: CheckContext,
): Promise<JobCondition> {
  const { risk } = await checkJobRequest(condition, field, context);
  if (risk !== 'read') throw wrongJob(field, 'must-read', `must only read, but its risk is ${risk}`);
  if (!POINTER.test(condition.pointer))
    throw wrongJob(`${field}.pointer`, 'json-pointer', 'must be a JSON Pointer such as /data/enable');
  refuseBraces(condition.pointer, `${field}.pointer`, 'names a place');
  checkPlaceholders(condition.equals, `${field}.equals`, context.columns);
  if (hasSecret(condition.equals))
    throw wrongJob(`${field}.equals`, 'secret-place', 'has a secret, which only a request may have');
  const { withinSeconds = WITHIN_S } = condition;
  const { everySeconds = Math.min(EVERY_S, withinSeconds) } = condition;
  if (everySeconds > withinSeconds)
    throw wrongJob(
      `${field}.everySeconds`,
      'every',
      `must be at most "withinSeconds", which is ${withinSeconds}`,
    );
  return { ...condition, withinSeconds, everySeconds };
}

function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  return isPlainObject(value) && (Object.hasOwn(value, SECRET_KEY) || Object.values(value).some(hasSecret));
}

function readInstall(install: JobInstall, field: string): JobInstall {
  const { to, packages } = install;
  if (to === undefined && packages === undefined)
    throw wrongJob(field, 'what-to-install', 'says not what: give "to": "newest", or "packages"');
  if (to !== undefined && packages !== undefined)
    throw wrongJob(field, 'what-to-install', 'has "to" and "packages": give one of them');
  if (packages === undefined) return install;
  for (const [index, one] of packages.entries()) {
    for (const [name, value] of Object.entries(one))
      if (typeof value === 'string')
        refuseBraces(value, `${field}.packages.${index}.${name}`, 'is a package');
  }
  try {
    return { ...install, packages: checkPackages(packages) };
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    throw atField(error, `${field}.${String(error.details.field ?? 'packages')}`, 'packages');
  }
}

/** The name of a step that was given none: its request, or its kind. */
function nameOf(step: JobStep): string {
  if (step.kind === 'command') return requestName(step.command);
  return step.kind === 'readUntil' ? requestName(step.condition) : step.kind;
}

function requestName({ operation, method = 'GET', path = '' }: JobCommand | JobCondition): string {
  return operation ?? `${method.toUpperCase()} ${path}`.slice(0, 100);
}
