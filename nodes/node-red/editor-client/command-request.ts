import { hasPlaceholders } from '../../manager/jobs/definition/placeholders.ts';
import type { Fault } from '../../manager/shared/fault.ts';
import { filledPlaces, type Operation, type ParamValue, unknownPlaces } from './model.ts';

/** How the form defines the command: by an operation of the catalogue, by method and path, or by the message alone. */
export type By = 'operation' | 'path' | 'message';

/** The state of the form of tpe-command that is not in its input fields. */
export interface CommandState {
  /** Null while no operation is picked, or if the picked one is unknown. */
  operation: Operation | null;
  operationId: string;
  params: readonly ParamValue[];
  /** Whether placeholders such as `{{value.port}}` are filled for each gateway, as in a job. */
  fills: boolean;
}

/** How the open form defines the command. */
export function selectedBy(): By {
  return $('#tpe-command-by').val() as By;
}

/** The id of the tpe-server that is selected in the open form; empty if there is none. */
export function selectedServer(): string {
  return String($('#node-input-server').val() ?? '');
}

/** Whether the form has the body. Otherwise the message brings it. */
function hasBody(): boolean {
  return selectedBy() !== 'message' && $('#tpe-command-body-kind').val() === 'json';
}

/** The command of the form as the editor's routes take it. Calls `bodyValue` only if the form has the body. */
export function filledRequest(state: CommandState, bodyValue: () => unknown): Record<string, unknown> {
  return {
    ...target(state),
    ...(hasBody() ? { requestBody: bodyValue() } : {}),
    check: String($('#node-input-check').val() ?? '') || undefined,
  };
}

function target({ operationId, params }: CommandState): Record<string, unknown> {
  if (selectedBy() === 'operation') return { operation: operationId, params: fixedParams(params) };
  return {
    path: String($('#node-input-path').val() ?? ''),
    method: String($('#node-input-method').val() || 'GET'),
  };
}

function fixedParams(params: readonly ParamValue[]): Record<string, string> {
  const fixed = params.filter(({ type, value }) => type === 'str' && value !== '');
  return Object.fromEntries(fixed.map(({ name, value }) => [name, value]));
}

/** JSON Pointers of the values that only a message brings. The form cannot check them. */
export function unknownValues({ operation, params }: CommandState, bodyValue: () => unknown): string[] {
  const ofParams = params.filter(({ type, value }) => type !== 'str' && value !== '');
  const ofBody = hasBody() ? unknownPlaces(bodyValue(), '/requestBody') : ['/requestBody'];
  const takesBody = operation === null || operation.bodySchema !== null;
  return [...ofParams.map(({ name }) => `/params/${name}`), ...(takesBody ? ofBody : [])];
}

/** JSON Pointers of the values that placeholders stand for, which differ from gateway to gateway. */
function placeholders({ fills, params }: CommandState, bodyValue: () => unknown): string[] {
  if (!fills) return [];
  const ofParams = params.filter(({ type, value }) => type === 'str' && hasPlaceholders(value));
  const ofBody = hasBody() ? filledPlaces(bodyValue(), '/requestBody') : [];
  return [...ofParams.map(({ name }) => `/params/${name}`), ...ofBody];
}

/** Whether a fault is about a parameter in a path that has placeholders: what stands there later is not known. */
export function isOfPlaceholder({ fills }: CommandState, { in: part }: Fault): boolean {
  const path = String($('#node-input-path').val() ?? '');
  return fills && part === 'params' && selectedBy() === 'path' && hasPlaceholders(path, false);
}

/** The request of a check. It skips values that only a message or a placeholder brings, and parameters that are still blank. */
export function checkedRequest(state: CommandState, bodyValue: () => unknown): Record<string, unknown> {
  const gateway = $('#node-input-clientid, #node-input-targets');
  const isFixed = gateway.typedInput('type') === 'str';
  const blank = (state.operation?.parameters ?? [])
    .filter(({ name }) => !state.params.some((param) => param.name === name && param.value !== ''))
    .map(({ name }) => `/params/${name}`);
  return {
    server: selectedServer(),
    clientid: isFixed ? gateway.val() : '',
    ...filledRequest(state, bodyValue),
    skip: [...unknownValues(state, bodyValue), ...placeholders(state, bodyValue), ...blank],
  };
}
