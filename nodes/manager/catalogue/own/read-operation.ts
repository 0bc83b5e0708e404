import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { messageOf, TpeError } from '../../tpe-error.js';
import type { JsonSchema, Operation, Parameter } from '../catalogue.js';
import { TPE_OPERATIONS } from '../operation-set.js';
import { checkRequest } from '../request-rules.js';
import { checkBySchema, validatorOf } from '../schema-check.js';
import { cleanSchema } from './clean-schema.js';

const text = { type: 'string', minLength: 1, maxLength: 100 } as const;
const OPERATION = {
  type: 'object',
  required: ['category', 'name', 'method', 'path'],
  properties: {
    id: { type: 'string', pattern: '^own-[a-z0-9-]{1,90}$' },
    category: text,
    name: text,
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    path: { type: 'string', pattern: '^(/([^/{}?#\\s]+|\\{\\w{1,60}\\}))+$', maxLength: 500 },
    parameters: {
      type: 'array',
      maxItems: 50,
      items: {
        type: 'object',
        required: ['name', 'in'],
        properties: {
          name: text,
          in: { enum: ['path', 'query'] },
          required: { type: 'boolean' },
          schema: { type: 'object' },
        },
      },
    },
    query: { type: 'object', maxProperties: 20, additionalProperties: { type: 'string', maxLength: 200 } },
    bodySchema: { type: ['object', 'null'] },
    bodyExample: { type: ['object', 'array', 'null'] },
    answerSchema: { type: ['object', 'null'] },
    answerExample: { type: ['object', 'array', 'null'] },
    risk: { enum: ['read', 'write', 'disruptive', 'destructive'] },
    idempotent: { type: 'boolean' },
    mayCutMqtt: { type: 'boolean' },
    actuates: { type: 'boolean' },
    models: { type: 'array', maxItems: 100, items: text },
  },
} as const;
type Given = FromSchema<typeof OPERATION>;

const isOperation = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Given>(OPERATION);

const LARGEST = 64 * 1024;
const RISKS: Record<Given['method'], Operation['risk']> = {
  GET: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'destructive',
};

/**
 * Takes an operation that somebody brings: as readOperation, and its schemas are tried. Throws INVALID_INPUT with every
 * fault, and FORBIDDEN for a path that is refused always.
 */
export function acceptOperation(given: unknown): Operation {
  const operation = readOperation(given);
  const { bodySchema, answerSchema, bodyExample, parameters } = operation;
  for (const schema of [bodySchema, answerSchema, ...parameters.map((parameter) => parameter.schema)]) {
    if (schema !== null) tryOut(schema);
  }
  if (bodySchema === null || bodyExample === null) return operation;
  const [fault] = checkBySchema('requestBody', bodySchema, bodyExample);
  if (fault) throw invalid(`its bodyExample does not fit its bodySchema: ${fault.text}`);
  return operation;
}

/** Reads an operation; what is left out is filled in. Throws as acceptOperation does, but for faults of its schemas. */
export function readOperation(given: unknown): Operation {
  const size = Buffer.byteLength(JSON.stringify(given) ?? '');
  if (size > LARGEST) throw invalid(`it has ${size} bytes, more than ${LARGEST}`);
  if (!isOperation(given)) {
    const faults = (isOperation.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath.slice(1) || 'it'} ${message}`,
    );
    throw invalid([...new Set(faults)].slice(0, 10).join('; '));
  }
  const { method, path, name, category } = given;
  for (const one of [name, category, path]) {
    if (hasControl(one)) throw invalid('its texts must not have control characters');
  }
  const operation: Operation = {
    id: given.id ?? ownId(`${method} ${path} ${name}`),
    category,
    name,
    method,
    path,
    parameters: parametersOf(given),
    query: { ...given.query },
    bodySchema: schemaOf(given.bodySchema),
    bodyExample: given.bodyExample ?? null,
    answerSchema: schemaOf(given.answerSchema),
    answerExample: given.answerExample ?? null,
    risk: given.risk ?? RISKS[method],
    idempotent: given.idempotent ?? method !== 'POST',
    mayCutMqtt: given.mayCutMqtt ?? false,
    actuates: given.actuates ?? false,
    refusedBecause: null,
    models: [...new Set(given.models ?? [])],
    tpedm: false,
    source: 'own',
  };
  checkRequest(
    { path: path.replaceAll(/\{\w+\}/g, '1'), method, requestBody: operation.bodyExample },
    TPE_OPERATIONS,
  );
  return operation;
}

/** The id of an operation that brings none: the same for the same text. */
export function ownId(label: string): string {
  const slug = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  if (slug.length > 0 && slug.length <= 80) return `own-${slug}`;
  let hash = 0;
  for (const letter of label) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return `own-${slug.slice(0, 70)}-${hash.toString(36)}`.replaceAll('--', '-');
}

/** Placeholders that are not declared are texts. */
function parametersOf({ path, parameters = [] }: Given): Parameter[] {
  const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));
  if (new Set(placeholders).size !== placeholders.length) throw invalid('its path has a placeholder twice');
  const declared = new Map(parameters.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]));
  const stray = parameters.find((one) => one.in === 'path' && !placeholders.includes(one.name));
  if (stray) throw invalid(`its path has no placeholder {${stray.name}}`);
  const inPath = placeholders.map((name) => ({
    ...{ name, in: 'path' as const, required: true },
    schema: named(schemaOf(declared.get(`path ${name}`)?.schema) ?? { type: 'string', minLength: 1 }, name),
  }));
  const inQuery = [...declared.values()]
    .filter((one) => one.in === 'query')
    .map(({ name, required = false, schema }) => ({
      ...{ name, in: 'query' as const, required },
      schema: named(schemaOf(schema) ?? {}, name),
    }));
  return [...inPath, ...inQuery];
}

function named(schema: JsonSchema, name: string): JsonSchema {
  return { title: name, ...schema };
}

function schemaOf(given: unknown): JsonSchema | null {
  return given === undefined || given === null ? null : cleanSchema(given);
}

function tryOut(schema: JsonSchema): void {
  try {
    validatorOf(schema);
  } catch (error) {
    throw invalid(`a schema of it is none: ${messageOf(error)}`);
  }
}

function hasControl(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return /[\u0000-\u001f\u007f-\u009f]/.test(value) || !value.isWellFormed();
}

function invalid(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `The operation cannot be taken: ${what}.`, { field: 'operation' });
}
