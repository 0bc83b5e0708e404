import { parseExactJson } from '../../manager/shared/exact-json.ts';
import { isBlank } from '../fields/blank.ts';
import { textIn } from '../fields/checks.ts';
import type { FieldValues } from '../fields/field.ts';
import { unknownPlaces } from './model.ts';

/** The command that a tpe-command sends for every message, as the route tpe/check takes it. */
export interface FixedRequest {
  server: string;
  operation?: string;
  params?: Record<string, string>;
  path?: string;
  method?: string;
  requestBody?: unknown;
  check: string;
  /** JSON Pointers of the values that only the message brings. */
  skip: string[];
}

/** Reads the fixed command of a node. Returns null if the message defines the command, or if a field is faulty by itself. */
export function fixedRequest(node: FieldValues): FixedRequest | null {
  if (!['', 'send'].includes(textIn(node, 'action'))) return null;
  const what = operationOf(node) ?? pathOf(node);
  const body = bodyOf(node);
  if (what === null || body === null) return null;
  // A blank field leaves the choice to the message. The strict check is then used here, because it is also the default.
  const check = textIn(node, 'check') || 'refuse';
  const { skip, ...request } = what;
  return {
    server: textIn(node, 'server'),
    ...request,
    ...(body.value === undefined ? {} : { requestBody: body.value }),
    check,
    skip: [...skip, ...body.skip],
  };
}

type What = Pick<FixedRequest, 'operation' | 'params' | 'path' | 'method' | 'skip'>;

function operationOf(node: FieldValues): What | null {
  const operation = textIn(node, 'operation');
  if (operation === '') return null;
  // msg.params may bring the parameters that are left blank.
  return { operation, ...paramsOf(node.params) };
}

function paramsOf(given: unknown): Pick<What, 'params' | 'skip'> & { skip: string[] } {
  const params: Record<string, string> = {};
  const skip = ['/params'];
  for (const each of Array.isArray(given) ? (given as unknown[]) : []) {
    const { name, type, value } = Object(each) as Record<string, unknown>;
    if (type === 'str' && typeof name === 'string' && typeof value === 'string' && !isBlank(value))
      params[name] = value;
  }
  return { params, skip };
}

function pathOf(node: FieldValues): What | null {
  const [path, method] = [textIn(node, 'path'), textIn(node, 'method')];
  const isFixed = path !== '' && (textIn(node, 'pathType') || 'str') === 'str' && method !== '';
  return isFixed ? { path, method, skip: [] } : null;
}

/** Returns null if the body is not valid JSON. The check of the field itself reports that. */
function bodyOf(node: FieldValues): { value: unknown; skip: string[] } | null {
  const text = textIn(node, 'requestBody');
  if (text === '' || node.requestBodyType !== 'json') return { value: undefined, skip: ['/requestBody'] };
  try {
    const value: unknown = parseExactJson(text);
    return { value, skip: unknownPlaces(value, '/requestBody') };
  } catch {
    return null;
  }
}
