import { restartsGateway } from '../../catalogue/restarting.js';
import { resolveRequest } from '../../catalogue/validation/resolve-request.js';
import { askedByJob } from '../../commands/asked-by.js';
import type { CommandRequest } from '../../commands/command.js';
import { commandReason } from '../../commands/command-reasons.js';
import type { Device } from '../../registry/device.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { JobCommand, JobCondition } from '../definition/definition.js';
import type { Sources, StepRun } from './run-options.js';
import { withPatience } from './with-patience.js';

/** A request with all its values, and whether it only reads and restarts the gateway. */
export interface FilledRequest {
  request: CommandRequest;
  method: string;
  restarts: boolean;
}

/** How long a command may wait behind another one of its gateway, ms. Until then the record has its request as it will be sent. */
const QUEUE_FOR_MS = 600_000;

/** The gateway of a run. Throws NOT_FOUND if it is not registered. */
export async function gatewayOf(run: StepRun): Promise<Device> {
  const { clientid } = run.work;
  const gateway = await withPatience(run, () => run.registry.get(clientid));
  if (gateway === null) throw new TpeError('NOT_FOUND', commandReason('gateway-unknown', { clientid }));
  return gateway;
}

/** Where the placeholders of a run have their values from. Rejects as gatewayOf does. */
export async function sourcesOf(run: StepRun): Promise<Sources> {
  return { gateway: await gatewayOf(run), values: run.work.values, job: run.job };
}

/** Fills placeholders and secrets into the request of a step. Throws INVALID_INPUT for what has no value. */
export function filledRequest(
  run: StepRun,
  { operation, params, path, method, requestBody }: JobCommand | JobCondition,
  sources: Sources,
): FilledRequest {
  const given = {
    ...(operation !== undefined && { operation }),
    ...(params !== undefined && { params }),
    ...(path !== undefined && { path }),
    ...(operation === undefined && { method: method ?? 'GET' }),
    ...(requestBody !== undefined && { requestBody }),
  };
  const filled = run.filling.fillRequest(given, sources);
  const body = run.filling.resolveSecrets(filled.requestBody, run.secret);
  const values = run.filling.resolveSecrets(filled.params, run.secret);
  const secrets = [...body.secrets, ...values.secrets];
  const whole = {
    ...filled,
    ...(filled.params !== undefined && { params: values.value }),
    ...(filled.requestBody !== undefined && { requestBody: body.value }),
  };
  const resolved = resolveRequest(run.catalogue, whole);
  const request: CommandRequest = {
    ...whole,
    clientid: run.work.clientid,
    secrets,
    whenOffline: 'fail',
    queueForMs: QUEUE_FOR_MS,
    requestedBy: askedByJob(run.job),
  };
  return {
    request,
    method: String(resolved.method ?? 'GET').toUpperCase(),
    restarts: restartsGateway(resolved),
  };
}
