import { type Operation, type ParamValue, unknownPlaces } from './model.ts';

/** How the form says what is sent: an operation of the catalogue, method and path, or the message alone. */
export type By = 'operation' | 'path' | 'message';

/** What the form of tpe-command holds beside its fields. */
export interface CommandState {
  /** Null while none is picked, or the picked one is unknown. */
  operation: Operation | null;
  operationId: string;
  params: readonly ParamValue[];
}

export function selectedBy(): By {
  return $('#tpe-command-by').val() as By;
}

export function selectedServer(): string {
  return String($('#node-input-server').val() ?? '');
}

/** Whether the form itself has the body: else the message brings it. */
function hasBody(): boolean {
  return selectedBy() !== 'message' && $('#tpe-command-body-kind').val() === 'json';
}

/** The filled-in command as the editor's routes take it; `bodyValue` is read where the form has the body. */
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

/** JSON pointers to the values that only a message brings, which cannot be checked in the form. */
export function unknownValues({ operation, params }: CommandState, bodyValue: () => unknown): string[] {
  const ofParams = params.filter(({ type, value }) => type !== 'str' && value !== '');
  const ofBody = hasBody() ? unknownPlaces(bodyValue(), '/requestBody') : ['/requestBody'];
  const takesBody = operation === null || operation.bodySchema !== null;
  return [...ofParams.map(({ name }) => `/params/${name}`), ...(takesBody ? ofBody : [])];
}

/** The request of a check: without what only a message brings, and without what is still blank. */
export function checkedRequest(state: CommandState, bodyValue: () => unknown): Record<string, unknown> {
  const isFixed = $('#node-input-clientid').typedInput('type') === 'str';
  const blank = (state.operation?.parameters ?? [])
    .filter(({ name }) => !state.params.some((param) => param.name === name && param.value !== ''))
    .map(({ name }) => `/params/${name}`);
  return {
    server: selectedServer(),
    clientid: isFixed ? $('#node-input-clientid').val() : '',
    ...filledRequest(state, bodyValue),
    skip: [...unknownValues(state, bodyValue), ...blank],
  };
}
