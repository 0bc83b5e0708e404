import type { FromSchema } from 'json-schema-to-ts';
import { parseLongJson, pointerOf } from '../../shared/exact-json.js';
import { guard } from '../../shared/guard.js';
import { MAX_DEPTH } from '../../shared/json-bounds.js';
import { TpeError } from '../../shared/tpe-error.js';
import { generatedId, readOwnOperation } from '../custom-operation.js';
import type { Operation, Parameter } from '../operation.js';
import { withTexts } from './long-numbers.js';
import { listed, type Notes, noteUnread } from './note-list.js';

const COMMAND = {
  type: 'object',
  required: ['path', 'method'],
  properties: {
    path: { type: 'string', maxLength: 2048 },
    method: { type: 'string', maxLength: 20 },
    headers: {
      anyOf: [
        { type: 'array', maxItems: 20, items: { type: 'object' } },
        { type: 'object' },
        { type: 'null' },
      ],
    },
    requestBody: { type: ['object', 'array', 'null'] },
  },
} as const;

const isCommand = guard<FromSchema<typeof COMMAND>>(COMMAND);

/** The headers that the manager itself gives to each command, so values or placeholders in a file are not needed. */
const OUR_HEADERS = new Set(['request-expired-time', 'request-id']);

/** A command with its category and name, in TPEDM's form. */
export interface TpedmEntry {
  category: unknown;
  name: unknown;
  command: unknown;
  /** Left out: the id is made from category and name. */
  id?: string;
}

/**
 * Reads a command in the form of command.json and dm_operation: an object, or its JSON text. A part of the query becomes a
 * parameter if its value is `{a placeholder}`, and otherwise a fixed part of the operation. `notes` gets what is not kept;
 * `place` is where the command is in the file. Throws as readOwnOperation does.
 */
export function readTpedmCommand(
  { category, name, command, id }: TpedmEntry,
  place: string,
  notes: Notes,
): Operation {
  const given = typeof command === 'string' ? parsed(command, notes) : command;
  if (!isCommand(given)) {
    throw invalid(
      'The command must be an object with path and method, both texts, and may have headers and requestBody.',
    );
  }
  noteUnread(given, ['path', 'method', 'headers', 'requestBody'], place, notes);
  readHeaders(given.headers, `${place}/headers`, notes);
  const [path = '', ...rest] = given.path.trim().split('?');
  const body = withTexts(given.requestBody ?? {}, `${place}/requestBody`, notes) as object;
  return readOwnOperation({
    id: id ?? generatedId(String(name), [String(category), String(name)]),
    category,
    name,
    method: given.method.trim().toUpperCase(),
    path: path.replace(/^\/api\/v1(?=\/)/i, ''),
    ...readQuery(rest.join('?')),
    bodyExample: Object.keys(body).length === 0 ? null : body,
  });
}

function readQuery(text: string): { query: Record<string, string>; parameters: Parameter[] } {
  const fixed = new Map<string, string>();
  const parameters: Parameter[] = [];
  for (const [name, value] of new URLSearchParams(text)) {
    if (fixed.has(name) || parameters.some((parameter) => parameter.name === name)) {
      throw invalid(`The query says ${JSON.stringify(name.slice(0, 60))} twice.`);
    }
    if (!/^\{.+\}$/.test(value)) fixed.set(name, value);
    else
      parameters.push({
        name,
        in: 'query',
        required: false,
        schema: { type: 'string', title: name.slice(0, 60) },
      });
  }
  return { query: Object.fromEntries(fixed), parameters };
}

/** Throws INVALID_INPUT for headers that no gateway takes. */
function readHeaders(headers: FromSchema<typeof COMMAND>['headers'], place: string, notes: Notes): void {
  const all = [headers ?? []].flat().flatMap((header) => Object.entries(header));
  const other = all.map(([name]) => name).find((name) => !OUR_HEADERS.has(name.toLowerCase()));
  if (other !== undefined) {
    throw invalid(
      `The command has the header ${JSON.stringify(other.slice(0, 60))}, which no gateway takes over MQTT.`,
    );
  }
  // A placeholder means what the manager does anyway. Any other value was written on purpose, so its loss is noted.
  const meant = all.filter(([, value]) => value !== '' && !/^\{[^{}]*\}$/.test(String(value)));
  if (meant.length > 0) notes.add(place, 'headers-ours', { names: listed(meant.map(([name]) => name)) });
}

function parsed(text: string, notes: Notes): unknown {
  try {
    const { value, rounded } = parseLongJson(text, MAX_DEPTH);
    for (const { path, text: digits, near } of rounded)
      notes.add(pointerOf(path), 'number-rounded', { value: digits, near: String(near) });
    return value;
  } catch {
    throw invalid('The command is no JSON.');
  }
}

function invalid(text: string): TpeError {
  return new TpeError('INVALID_INPUT', text);
}
