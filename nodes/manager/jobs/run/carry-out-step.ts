import { restartsGateway } from '../../catalogue/restarting.js';
import { type ResolvedRequest, resolveRequest } from '../../catalogue/validation/resolve-request.js';
import type { JobStep } from '../definition/definition.js';
import type { AttemptResult } from '../execution.js';
import { isIdempotent, SUCCEEDED } from './command-outcome.js';
import { type CommandStep, commandStep, DEFAULT_COMMAND_S } from './command-step.js';
import { installStep } from './install-step.js';
import { readUntilHolds, reasonOfReading, withinMsOf } from './read-condition.js';
import type { RunOptions, StepRun } from './run-options.js';

/** Carries out one step. Rejects with CLOSED when the signal is aborted, and with INVALID_INPUT if a value of the gateway is missing. */
export async function carryOutStep(run: StepRun, step: JobStep): Promise<AttemptResult> {
  switch (step.kind) {
    case 'command':
      return await commandStep(run, step);
    case 'install':
      return await installStep(run, step);
    case 'waitOnline':
      return await waitOnline(run, step);
    case 'readUntil':
      return await readUntil(run, step);
  }
}

async function waitOnline(
  run: StepRun,
  { settleSeconds, withinSeconds }: Extract<JobStep, { kind: 'waitOnline' }>,
): Promise<AttemptResult> {
  const found = await run.well.untilWell({
    clientid: run.work.clientid,
    ran: { apps: null, onlineSince: null },
    settleMs: settleSeconds * 1000,
    withinMs: Math.max(0, Math.min(withinSeconds * 1000, run.until - Date.now())),
    signal: run.signal,
  });
  if (found.well) return SUCCEEDED;
  return { state: 'TIMED_OUT', reason: found.reason, isUncertain: false, mayRepeat: true };
}

async function readUntil(
  run: StepRun,
  { condition }: Extract<JobStep, { kind: 'readUntil' }>,
): Promise<AttemptResult> {
  const until = Math.min(run.until, Date.now() + withinMsOf(condition));
  const reading = await readUntilHolds(run, condition, until);
  if (reading.kind === 'holds') return SUCCEEDED;
  const reason = reasonOfReading(reading);
  const state = { differs: 'FAILED', away: 'TIMED_OUT', refused: 'REJECTED' } as const;
  return {
    state: state[reading.kind],
    reason,
    isUncertain: false,
    mayRepeat: reading.kind !== 'refused',
  };
}

/** Whether a step changes something at the gateway. */
export function isActing(step: JobStep, { catalogue }: Pick<RunOptions, 'catalogue'>): boolean {
  if (step.kind === 'install') return true;
  return step.kind === 'command' && methodOf(step, catalogue) !== 'GET';
}

/** Whether a step can be carried out a second time without doing anything twice. */
export function isRepeatable(step: JobStep, { catalogue }: Pick<RunOptions, 'catalogue'>): boolean {
  return step.kind !== 'command' || isIdempotent(methodOf(step, catalogue));
}

function methodOf(step: CommandStep, catalogue: RunOptions['catalogue']): string {
  return String(requestOf(step, catalogue).method ?? 'POST').toUpperCase();
}

/** The request of a step as its definition has it, without the values of a gateway. */
function requestOf({ command }: CommandStep, catalogue: RunOptions['catalogue']): ResolvedRequest {
  const { operation, params, path, method, requestBody } = command;
  const given = operation === undefined ? { path, method: method ?? 'GET' } : { operation, params };
  return resolveRequest(catalogue, { ...given, requestBody }, ['/params', '/requestBody']);
}

const DEFAULT_INSTALL_S = 3600;
const WELL_S = 1800;

/** How long a step may take at most, ms, where nothing else bounds it. */
export function boundOf(step: JobStep, options: Pick<RunOptions, 'catalogue'>): number {
  switch (step.kind) {
    case 'command': {
      const { timeoutSeconds = DEFAULT_COMMAND_S } = step.command;
      const untilWell = step.command.untilWell ?? restartsGateway(requestOf(step, options.catalogue));
      const verifyMs = step.verify === null ? 0 : withinMsOf(step.verify);
      return (timeoutSeconds + (untilWell ? WELL_S : 0)) * 1000 + verifyMs;
    }
    case 'install':
      return (step.install.timeoutSeconds ?? DEFAULT_INSTALL_S) * 1000;
    case 'waitOnline':
      return step.withinSeconds * 1000;
    case 'readUntil':
      return withinMsOf(step.condition);
  }
}
