import { createHash } from 'node:crypto';
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { changedWithin, hasBigInt } from '../shared/exact-json.js';
import { TpeError } from '../shared/tpe-error.js';
import { isAsWritten } from './import/long-numbers.js';
import type { JsonSchema, Operation, Parameter } from './operation.js';
import { TPE_OPERATIONS } from './operation-set.js';
import { restartsAsPacked } from './restarting.js';
import { flagsOf, highest, type Rating, RISK_CLASSES, RISKS, type Risk } from './risk.js';
import { riskOfRequest } from './risk-of-request.js';
import { faultText } from './validation/fault-text.js';
import { placeholdersOf } from './validation/path-template.js';
import { checkRequest } from './validation/request-rules.js';
import { whyNotStorable } from './validation/storable-json.js';
import { PATH_STYLES, QUERY_STYLES, STYLES } from './validation/styles.js';
import { checkSchema, whyNotKept } from './validation/user-schema.js';

/** Matches the ids of operations that exist only as rows of dm_operation; the number is that of the row. */
export const FOREIGN_ID = /^own-dm-\d+$/;

/** The largest size and depth of one operation. */
const BOUNDS = { bytes: 256 * 1024, depth: 64 };
const MAX_FAULTS = 3;

const NAME = {
  type: 'string',
  minLength: 1,
  maxLength: 100,
  pattern:
    '^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$',
  patternTitle: 'a name, without control characters',
} as const;

const OWN_OPERATION = {
  type: 'object',
  required: ['category', 'name', 'method', 'path'],
  additionalProperties: false,
  properties: {
    id: {
      type: 'string',
      pattern: '^own-[a-z0-9-]{1,80}$',
      patternTitle: '"own-" and small letters, digits and "-" after it, 84 characters at most',
    },
    category: NAME,
    name: NAME,
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    path: {
      type: 'string',
      maxLength: 500,
      pattern:
        '^(/([^/{}?#\\s]+|[^/{}?#\\s]*\\{[\\w.-]{1,100}\\}([^/{}?#\\s]+\\{[\\w.-]{1,100}\\})*[^/{}?#\\s]*))+$',
      patternTitle:
        'a path such as /apps/{appname} or /files/{name}.json, text between two placeholders, and no query',
    },
    parameters: {
      type: 'array',
      maxItems: 50,
      items: {
        type: 'object',
        required: ['name', 'in', 'required', 'schema'],
        additionalProperties: false,
        properties: {
          name: NAME,
          in: { enum: ['path', 'query'] },
          required: { type: 'boolean' },
          schema: { type: 'object' },
          style: { enum: STYLES },
          explode: { type: 'boolean' },
          content: { const: 'application/json' },
          allowReserved: { type: 'boolean' },
          allowEmptyValue: { type: 'boolean' },
        },
      },
    },
    query: { type: 'object', maxProperties: 20, additionalProperties: { type: 'string', maxLength: 200 } },
    bodyRequired: { type: 'boolean' },
    bodySchema: { type: ['object', 'null'] },
    bodyExample: { type: ['object', 'array', 'null'] },
    answerSchema: { type: ['object', 'null'] },
    answerExample: {},
    risk: { enum: RISKS },
    classes: { type: 'array', maxItems: RISK_CLASSES.length, items: { enum: RISK_CLASSES } },
    idempotent: { type: 'boolean' },
    restarts: { type: 'boolean' },
    mayCutMqtt: { type: 'boolean' },
    actuates: { type: 'boolean' },
    models: { type: 'array', maxItems: 50, uniqueItems: true, items: NAME },
    // Accepted and ignored, since operations that somebody read from the catalogue have these fields.
    refusedBecause: { type: 'null' },
    tpedm: { type: 'boolean' },
    source: { enum: ['tpe', 'own'] },
  },
} as const;

type Given = FromSchema<typeof OWN_OPERATION>;

const isGiven = new Ajv({ strict: false, verbose: true, allErrors: true }).compile<Given>(OWN_OPERATION);

/** The risk of an operation whose description does not say it. */
const RISK_OF_METHOD: Record<Given['method'], Risk> = {
  GET: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'destructive',
};

/**
 * Reads a custom operation as the catalogue stores it. Fields that are left out are filled in, some of them by the method. The
 * operation may state a higher risk than the pack knows for such a request, but not a lower one, and that it restarts the gateway, but
 * not that it does not.
 *
 * Throws INVALID_INPUT, naming the place and the rule, and FORBIDDEN for a path that is always refused. It does not check
 * whether the schemas can be used: checkOwnSchemas does that, and takes longer.
 */
export function readOwnOperation(given: unknown): Operation {
  const size = whyNotStorable(given, BOUNDS);
  if (size !== null) throw invalid(`The operation ${size}.`);
  // A round trip through JSON removes what JSON cannot hold, such as undefined and dates.
  const plain: unknown = JSON.parse(JSON.stringify(withNumbers(given)) ?? 'null');
  if (!isGiven(plain)) throw invalid(faultsOfForm());
  const { method, query = {} } = plain;
  const { path } = checkRequest({ path: plain.path, method, requestBody: plain.bodyExample }, TPE_OPERATIONS);
  const rating = ratingOf(plain, path);
  const operation: Operation = {
    id: plain.id ?? generatedId(plain.name, [plain.category, plain.name]),
    category: plain.category,
    name: plain.name,
    method,
    path,
    parameters: allParameters(path, plain.parameters ?? []),
    query,
    ...(plain.bodyRequired === undefined ? {} : { bodyRequired: plain.bodyRequired }),
    bodySchema: plain.bodySchema ?? null,
    bodyExample: plain.bodyExample ?? null,
    answerSchema: plain.answerSchema ?? null,
    answerExample: plain.answerExample ?? null,
    ...rating,
    idempotent: plain.idempotent ?? (method !== 'POST' && method !== 'PATCH'),
    restarts: plain.restarts === true || restartsAsPacked({ method, path, requestBody: plain.bodyExample }),
    ...flagsOf(rating.classes),
    refusedBecause: null,
    models: plain.models ?? [],
    tpedm: false,
    source: 'own',
  };
  checkParameters(operation);
  for (const [place, schema] of schemasOf(operation)) {
    const fault = whyNotKept(schema);
    if (fault !== null) throw invalid(`"${place}" ${fault}.`);
  }
  return operation;
}

/** Replaces each BigInt by an equal number. Throws INVALID_INPUT where no JavaScript number is exact. */
function withNumbers(given: unknown): unknown {
  if (!hasBigInt(given)) return given;
  return changedWithin(given, (one, pointer) => {
    if (typeof one !== 'bigint') return null;
    if (isAsWritten(one)) return { to: Number(one) };
    throw invalid(
      `"operation${pointer}" is ${one}, which has more digits than an operation keeps (2^53 - 1 is the most): give it as a text, and the number itself when it is sent.`,
    );
  });
}

function ratingOf({ method, risk, classes = [], mayCutMqtt, actuates }: Given, path: string): Rating {
  const described: Rating[] = [
    { risk: risk ?? RISK_OF_METHOD[method], classes: [...classes] },
    { risk: 'read', classes: mayCutMqtt ? ['cuts-mqtt'] : [] },
    { risk: 'read', classes: actuates ? ['moves-equipment'] : [] },
  ];
  return highest([...described, riskOfRequest(TPE_OPERATIONS, { method, path })]);
}

/** Throws INVALID_INPUT for a schema that cannot be used. It can take seconds, so call it in a worker thread. */
export function checkOwnSchemas(operation: Operation): void {
  for (const [place, schema] of schemasOf(operation)) checkSchema(schema, place);
}

/** All schemas of an operation, each with its place, such as `bodySchema`. */
export function schemasOf({ bodySchema, answerSchema, parameters }: Operation): [string, JsonSchema][] {
  const named: [string, JsonSchema | null][] = [
    ['bodySchema', bodySchema],
    ['answerSchema', answerSchema],
    ...parameters.map(({ name, schema }): [string, JsonSchema] => [`parameters/${name}/schema`, schema]),
  ];
  return named.filter((each): each is [string, JsonSchema] => each[1] !== null);
}

/** Makes an id from the words of `name` and a hash of `of`. The same arguments always give the same id. */
export function generatedId(name: string, of: readonly string[]): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-|-$/g, '');
  const hash = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 8);
  return words === '' ? `own-${hash}` : `own-${words}-${hash}`;
}

/** Adds a parameter for each placeholder of the path that has none; its value is a text. */
function allParameters(path: string, given: readonly Parameter[]): Parameter[] {
  const placeholders = placeholdersOf(path);
  const declared = (name: string) => given.find((one) => one.in === 'path' && one.name === name);
  const ofPath = placeholders.map(
    (name) =>
      declared(name) ?? {
        name,
        in: 'path' as const,
        required: true,
        schema: { type: 'string', title: name },
      },
  );
  const others = given.filter((one) => !ofPath.includes(one));
  return [...ofPath, ...others];
}

function checkParameters({ path, parameters, query }: Operation): void {
  const placeholders = placeholdersOf(path);
  const names = parameters.map(({ name }) => name);
  const twice = [...placeholders, ...names.filter((name) => !placeholders.includes(name))].find(
    (name, index, all) => all.indexOf(name) !== index || names.filter((other) => other === name).length > 1,
  );
  if (twice !== undefined)
    throw invalid(
      `The parameter ${JSON.stringify(twice)} stands there twice: path and query together have each name once.`,
    );
  for (const parameter of parameters) {
    const name = JSON.stringify(parameter.name);
    if (parameter.in === 'path' && !placeholders.includes(parameter.name))
      throw invalid(`The parameter ${name} is no placeholder of the path ${path}.`);
    if (parameter.in === 'path' && !parameter.required)
      throw invalid(`The parameter ${name} is one of the path, so it must be required.`);
    if (Object.hasOwn(query, parameter.name)) throw invalid(`The query says ${name} already.`);
    const styles: readonly string[] = parameter.in === 'path' ? PATH_STYLES : QUERY_STYLES;
    if (parameter.style !== undefined && !styles.includes(parameter.style))
      throw invalid(
        `The parameter ${name} has the style "${parameter.style}": here it is ${styles.join(' or ')}.`,
      );
  }
}

function faultsOfForm(): string {
  const texts = (isGiven.errors ?? []).map((error) => {
    const { missingProperty, additionalProperty } = error.params as Record<string, unknown>;
    const name = missingProperty ?? additionalProperty;
    const place = `operation${error.instancePath}${typeof name === 'string' ? `/${name.slice(0, 60)}` : ''}`;
    return faultText(place, error, shown(error.data));
  });
  return `${[...new Set(texts)].slice(0, MAX_FAULTS).join('; ')}.`;
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, 60).toWellFormed();
  return typeof value === 'object' && value !== null ? undefined : value;
}

function invalid(text: string): TpeError {
  return new TpeError('INVALID_INPUT', text);
}
