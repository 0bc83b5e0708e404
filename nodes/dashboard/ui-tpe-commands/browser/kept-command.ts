import { changedFields, isSameValue, withFields } from '../../../manager/catalogue/changed-fields.js';
import { blankBodyOf, type Draft, draftOf, type FormOperation } from './draft.js';

/** What is kept of a command that a person is filling in, until it is sent. */
export interface KeptCommand {
  /** The id of the operation; "" for a request by path and method, null where none is chosen. */
  operation: string | null;
  clientids: string[];
  params: Record<string, unknown>;
  method: string;
  path: string;
  body: unknown;
  /** The body that the gateways had when it was filled in; left out where it was not read. */
  before: unknown;
}

/** As long as nobody has typed anything. */
export function nothingTyped(clientids: readonly string[]): KeptCommand {
  return {
    operation: null,
    clientids: [...clientids],
    params: {},
    method: '',
    path: '',
    body: undefined,
    before: undefined,
  };
}

/** What is to be kept of a draft for these gateways; the page began with `first`. An operation that was only opened is nothing yet. */
export function keptOf(
  draft: Draft | null,
  clientids: readonly string[],
  first: readonly string[],
): KeptCommand {
  const isTyped = draft !== null && isFilledIn(draft);
  if (!isTyped && isSameValue(clientids, first)) return nothingTyped(first);
  if (draft === null) return nothingTyped(clientids);
  const { operation, method, path, body, before } = draft;
  const params = draft.params as Record<string, unknown>;
  return { operation: operation?.id ?? '', clientids: [...clientids], params, method, path, body, before };
}

/** The draft that was kept, with its operation as the server describes it now. What was changed of earlier values is what was typed. */
export function draftOfKept(kept: KeptCommand, operation: FormOperation | null): Draft {
  const blank = draftOf(operation);
  const { method, path, params, body, before } = kept;
  if (operation === null) return { ...blank, method, path, body };
  const allParams = { ...(blank.params as object), ...params };
  if (operation.bodySchema === null) return { ...blank, params: allParams, body: body ?? blank.body };
  const typed = changedFields(before ?? blank.body, body).filter(({ after }) => after !== undefined);
  return { ...blank, params: allParams, body: withFields(blank.body, typed) };
}

/** Whether somebody has given a value. */
export function isFilledIn({ operation, params, method, path, body, before }: Draft): boolean {
  const blank = draftOf(operation);
  if (operation === null) return method !== blank.method || path !== blank.path || body !== undefined;
  if (!isSameValue(params, blank.params)) return true;
  return changedFields(before ?? blankBodyOf(operation), body).some(({ after }) => after !== undefined);
}
