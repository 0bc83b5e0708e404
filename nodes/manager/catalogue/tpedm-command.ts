import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { parseJson } from '../json-bounds.js';
import { TpeError } from '../tpe-error.js';
import type { Operation, Parameter } from './catalogue.js';
import { generatedId, readOwnOperation } from './own-operation.js';

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

const isCommand = new Ajv({ allowUnionTypes: true }).compile<FromSchema<typeof COMMAND>>(COMMAND);

/** The manager says these itself, so that TPEDM's placeholders for them stand for nothing here. */
const OUR_HEADERS = new Set(['request-expired-time', 'request-id']);

/**
 * Reads a command as TPEDM has it in command.json and in dm_operation: an object, or its JSON text. The query of its path is
 * what an operation must say, or a parameter where it is `{a placeholder}`. Throws as readOwnOperation does.
 */
export function readTpedmCommand(category: unknown, name: unknown, command: unknown, id?: string): Operation {
  const given = typeof command === 'string' ? parsed(command) : command;
  if (!isCommand(given)) {
    throw invalid(
      'The command must be an object with path and method, both texts, and may have headers and requestBody.',
    );
  }
  const header = headerNames(given.headers).find((one) => !OUR_HEADERS.has(one.toLowerCase()));
  if (header !== undefined) {
    throw invalid(
      `The command has the header ${JSON.stringify(header.slice(0, 60))}, which no gateway takes over MQTT.`,
    );
  }
  const [path = '', ...rest] = given.path.trim().split('?');
  const body = given.requestBody ?? {};
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

function headerNames(headers: FromSchema<typeof COMMAND>['headers']): string[] {
  return [headers ?? []].flat().flatMap((header) => Object.keys(header));
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw invalid('The command is no JSON.');
  }
}

function invalid(text: string): TpeError {
  return new TpeError('INVALID_INPUT', text);
}
