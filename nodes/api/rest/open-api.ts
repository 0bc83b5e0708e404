import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HTTP_STATUS } from '../http-status.js';
import { REFUSAL, REFUSAL_CODES, refusalResponses, refusalsOf } from './refusals.js';
import { ROUTE_HEADERS, type Route, type RouteBody } from './route.js';
import { GIVEN_SCHEMAS, TAKEN_SCHEMAS } from './shared-schemas.js';

/** Descriptions of the placeholders in paths. */
const PATH_VALUES: Readonly<Record<string, string>> = {
  clientid: 'The client id of a gateway.',
  requestId: 'The request id of a command.',
  id: 'The id of the operation, token, job or stop.',
  installation: 'The id of an installation.',
};

const TAGS: Readonly<Record<Route['tag'], string>> = {
  Gateways: 'Who may connect, and how each stands.',
  Files: 'Many gateways at once, as a file.',
  Commands: 'Requests to gateways, and their answers.',
  Operations: 'The catalogue: what gateways can be asked.',
  Updates: 'Newer software: which gateways need it, and installing it.',
  Jobs: 'One thing done to many gateways: at its own pace, stopped and gone on with, and what became of each.',
  Sites: 'The time zones of sites, and when jobs may begin something there.',
  Stops: 'What holds back all that is not a read, and how many gateways may be disturbed at once.',
  Alarms: 'What is wrong, by rules: since when, who cares for it, and what to do first.',
  Tokens: 'Personal API tokens: they act for the person who made them, with a role that is not above theirs.',
  Audit: 'Who did what, when, by which door, and what was refused.',
  Document: 'What describes all this.',
};

const NAMES = new Map(
  Object.entries({ ...TAKEN_SCHEMAS, ...GIVEN_SCHEMAS }).map(([name, schema]) => [schema, name]),
);

/** Returns the OpenAPI 3.1 document of `routes` as JSON text. */
export function openApiText(routes: readonly Route[]): string {
  return JSON.stringify(openApiOf(routes));
}

/** Returns the OpenAPI 3.1 document of `routes` as an object. Its server URL is relative, so it fits whichever path serves the document. */
export function openApiOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'TPE device manager',
      version: packVersion(),
      license: { name: 'MIT', identifier: 'MIT' },
      description: description(),
    },
    servers: [{ url: '.', description: 'Where this document is served.' }],
    security: [{ bearer: [] }],
    tags: Object.entries(TAGS).map(([name, text]) => ({ name, description: text })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The API token, which was printed at the first start or is what `TPE_API_TOKEN` says, or a personal one that was made on the dashboard.',
        },
      },
      responses: refusalResponses(),
      schemas: {
        Refusal: opened(REFUSAL),
        ...mapped(TAKEN_SCHEMAS, withinNames),
        ...mapped(GIVEN_SCHEMAS, (schema) => opened(withinNames(schema))),
      },
    },
  };
}

function description(): string {
  const statusOf = (code: string) => (HTTP_STATUS as Readonly<Record<string, number>>)[code] ?? 401;
  return [
    'Every call needs the header `Authorization: Bearer TOKEN`. What a call answers is `{"status": true, "data": ...}`, with `next` where another page follows; a call that is not served answers `{"status": false, "data": {"code", "message"}}`, and its HTTP status says the same; where the message has values of its own, `cause` has them, with a finer code. What a query has beyond what is described is refused.',
    'A status of 503 or 429 comes with `Retry-After`: the same call may work then. Answers may get more fields in later versions: leave alone what you do not know.',
    '## Errors',
    ['| code | status | meaning |', '| --- | --- | --- |']
      .concat(
        Object.entries(REFUSAL_CODES).map(
          ([code, meaning]) => `| \`${code}\` | ${statusOf(code)} | ${meaning} |`,
        ),
      )
      .join('\n'),
    'A body that cannot be taken is `INVALID_INPUT` too, with the status 408 (too late), 413 (too large) or 415 (compressed, or not said to be JSON). Who sends wrong tokens again and again gets 429 with `BUSY`.',
  ].join('\n\n');
}

function operationOf(route: Route): object {
  const { operationId, tag, summary, body, role } = route;
  const parameters = [...pathValues(route.path), ...queryValues(route), ...headerValues(route)];
  return {
    operationId,
    tags: [tag],
    summary,
    description: [route.description, roleText(route)].filter(Boolean).join('\n\n'),
    ...(role !== null && { 'x-role': role }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBody(body, route.examples?.body) }),
    responses: { ...answersOf(route), ...refusalsOf(route) },
  };
}

function roleText({ role, roleFor }: Route): string {
  const more = roleFor === undefined ? '' : ', or more where what is asked may do more harm';
  return role === null ? '' : `Takes the role ${role}${more}.`;
}

function pathValues(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_VALUES[name],
    schema: { type: 'string' },
  }));
}

function queryValues({ query: { properties, required = [] } }: Route): object[] {
  return Object.entries(properties).map(([name, rule]) => {
    const { description: text, ...schema } = rule as { description?: string };
    return {
      name,
      in: 'query',
      ...(required.includes(name) && { required: true }),
      ...(text !== undefined && { description: text }),
      schema: named(schema),
    };
  });
}

function headerValues({ headers = [] }: Route): object[] {
  return headers.map((name) => ({ in: 'header', ...ROUTE_HEADERS[name] }));
}

function requestBody(body: RouteBody, example: unknown): object {
  if (body.kind === 'file') {
    return { required: true, content: Object.fromEntries(body.types.map((type) => [type, {}])) };
  }
  const content = { schema: named(body.schema), ...(example !== undefined && { example }) };
  return { required: body.isRequired, content: { 'application/json': content } };
}

function answersOf({ data, file, isPaged, mayGoOn, examples }: Route): Record<string, object> {
  if (file !== undefined) {
    const content = Object.fromEntries(file.map((type) => [type, {}]));
    return { 200: { description: 'The file.', content } };
  }
  const schema = {
    type: 'object',
    properties: {
      status: { const: true },
      data: data === undefined ? {} : opened(named(data)),
      ...(isPaged && { next: { type: 'string', description: 'Left out on the last page.' } }),
    },
    required: ['status', 'data'],
  };
  const example = examples?.data === undefined ? {} : { example: { status: true, data: examples.data } };
  const content = { 'application/json': { schema, ...example } };
  return {
    200: { description: 'It was served.', content },
    ...(mayGoOn && { 202: { description: 'It goes on: ask again later.', content } }),
  };
}

function mapped(schemas: Readonly<Record<string, object>>, change: (schema: object) => unknown): object {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, change(schema)]));
}

/** Allows more properties in the schema of an answer, because a later version may add fields. */
function opened(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(opened);
  const kept = Object.entries(value).filter(
    ([key, rule]) => key !== 'additionalProperties' || rule !== false,
  );
  return Object.fromEntries(kept.map(([key, within]) => [key, opened(within)]));
}

/** Replaces all schemas that have a name in the document by references to them. */
function named(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const name = NAMES.get(value);
  return name === undefined ? withinNames(value) : { $ref: `#/components/schemas/${name}` };
}

function withinNames(value: object): unknown {
  if (Array.isArray(value)) return value.map(named);
  return Object.fromEntries(Object.entries(value).map(([key, within]) => [key, named(within)]));
}

/** Reads the version in package.json, which is above this file whether the code is compiled or not. */
function packVersion(): string {
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return '0';
}
