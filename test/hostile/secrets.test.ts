import { expect } from 'chai';
import { isMarked } from '../../nodes/manager/catalogue/marked-secrets.js';
import type { JsonSchema, Operation } from '../../nodes/manager/catalogue/operation.js';
import { OPERATIONS } from '../../nodes/manager/catalogue/operations.js';
import { isSchema } from '../../nodes/manager/catalogue/validation/subschemas.js';
import { hasEnded } from '../../nodes/manager/commands/command.js';
import { databaseReason } from '../../nodes/manager/database/database-reasons.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { opener } from '../support/databases.js';
import { GENERAL, type TestGateway } from '../support/gateway.js';
import { nextEvent, onlineGateway, openTestManager, type TestManager } from '../support/manager.js';
import { patience, runsOut } from '../support/patience.js';

/** The shapes in which a secret may come. */
const SHAPES = ['text', 'number', 'list', 'tree', 'json'] as const;
type Shape = (typeof SHAPES)[number];

describe('hostile: secrets in commands and answers', () => {
  const open = opener('pglite');
  let options: DatabaseOptions;
  let test: TestManager;
  let gateway: TestGateway;
  /** All secrets that were sent or answered, and all that was shown. */
  const secrets = new Set<string>();
  const shown: string[] = [];

  before(async () => {
    options = await open.options();
    test = await openTestManager(options, { packageHosts: ['packages.example.com'] });
    test.manager.events.on('command', (record) => void shown.push(JSON.stringify(record)));
    test.manager.events.on('output', (output) => void shown.push(JSON.stringify(output)));
    gateway = await onlineGateway(test, 'A');
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
  });

  function secret(shape: Shape): unknown {
    const number = secrets.size;
    const text = shape === 'number' ? String(73_000_000 + number) : `canary${number}x7`;
    secrets.add(text);
    if (shape === 'number') return Number(text);
    if (shape === 'list') return [text];
    if (shape === 'tree') return { a: { b: [{ c: text }] } };
    return shape === 'json' ? JSON.stringify({ inner: { deep: text } }) : text;
  }

  /** Something that a schema describes, with all that may be there, and a secret in each field that it marks. */
  function made(schema: JsonSchema, shape: Shape): unknown {
    if (isMarked(schema)) return secret(shape);
    const branches = ['allOf', 'anyOf', 'oneOf'].flatMap(
      (keyword) => (schema[keyword] as JsonSchema[]) ?? [],
    );
    const fields = [schema, ...branches].flatMap(({ properties }) =>
      isSchema(properties) ? Object.entries(properties) : [],
    );
    if (isSchema(schema.items)) return [made(schema.items, shape)];
    if (fields.length > 0 || branches.length > 0) {
      return Object.fromEntries(
        fields.map(([name, field]) => [name, made(field as JsonSchema, shape)] as const),
      );
    }
    const [type] = [schema.type].flat();
    return (
      { string: 'text', integer: 1, number: 1.5, boolean: true, array: [], object: {} }[String(type)] ?? null
    );
  }

  function pathOf({ path, parameters, query }: Operation): string {
    const paramOf = (name: string) => {
      const { enum: choices } = parameters.find((one) => one.name === name)?.schema ?? {};
      return Array.isArray(choices) ? String(choices[0]) : '1';
    };
    const place = path.replaceAll(/\{([^{}]+)\}/g, (_all, name: string) => paramOf(name));
    const required = parameters.filter((one) => one.in === 'query' && one.required);
    const asked = new URLSearchParams({
      ...query,
      ...Object.fromEntries(required.map(({ name }) => [name, paramOf(name)])),
    });
    return asked.size === 0 ? place : `${place}?${asked}`;
  }

  /** The request with this id. Who connects anew, as on a machine that hangs, is asked for its profile in between. */
  async function requestOf(requestId: string) {
    for (;;) {
      const request = await gateway.nextRequest();
      if (String(request.requestId) === requestId) return request;
      await gateway.answer(request.requestId, {}, 500);
    }
  }

  /** Sends the operation by its path, and has the gateway answer what it describes, and all that it was sent, in many ways. */
  async function carry(operation: Operation, shape: Shape, status: number): Promise<void> {
    const { method, bodySchema, answerSchema } = operation;
    const body = bodySchema === null ? {} : made(bodySchema, shape);
    const sent = typeof body === 'object' && body !== null ? withSources(body) : {};
    const { requestId, state, reason } = await test.manager.commands.submit({
      ...{ clientid: 'A', method, path: pathOf(operation), requestBody: sent, check: 'warn' as const },
    });
    expect(hasEnded(state), `${operation.id}: ${reason}`).to.equal(false);
    const request = await requestOf(requestId);
    expect(request.requestBody, operation.id).to.deep.equal(sent);
    const ofOthers = OPERATIONS.filter(({ path }) => path === operation.path).map((one) =>
      one.bodySchema === null ? null : made(one.bodySchema, shape),
    );
    const echo = JSON.stringify(sent);
    const leaves = leavesOf(sent).join(' and ');
    await gateway.answer(
      requestId,
      {
        ...(answerSchema === null ? {} : (made(answerSchema, shape) as object)),
        received: sent,
        settings: ofOthers,
        log: [echo, Buffer.from(echo).toString('base64'), `got ${leaves}`],
        error: { code: 1, message: `not good: ${leaves}` },
      },
      status,
    );
    const record = await test.manager.commands.waitFor(requestId, patience(60_000));
    expect(record?.state, operation.id).to.be.oneOf(['SUCCEEDED', 'FAILED']);
  }

  const possible = OPERATIONS.filter(
    ({ refusedBecause, path }) => refusedBecause === null && !path.startsWith('/auth'),
  );
  for (const shape of SHAPES) {
    it(`are sent, but neither stored nor shown (${shape}), by any operation`, async () => {
      for (const [index, operation] of possible.entries()) {
        // Those without a secret are all alike.
        const { bodySchema, answerSchema } = operation;
        const mayHave = JSON.stringify([bodySchema, answerSchema]).includes('"password"');
        if (!mayHave && shape !== 'text') continue;
        await carry(operation, shape, index % 2 === 0 ? 200 : 400);
      }
      expect(secrets.size).to.be.greaterThan(30);
    });
  }

  it('are hidden in answers that come late, or twice', async () => {
    secrets.add('canaryLate1').add('canaryLate2');
    const { requestId } = await test.manager.commands.submit({
      ...{ clientid: 'A', method: 'PUT', path: '/users/me/password', timeoutMs: runsOut(1000) },
      requestBody: { newPassword: 'canaryLate1', oldPassword: 'canaryLate2' },
    });
    await gateway.nextRequest();
    expect((await test.manager.commands.waitFor(requestId, patience(60_000)))?.state).to.equal('TIMED_OUT');
    for (const status of [400, 200]) {
      const told = nextEvent(test.manager, 'output', (output) => output.kind === 'answer');
      await gateway.answer(requestId, { message: 'canaryLate1 is no better than canaryLate2' }, status);
      await told;
    }
    const record = await test.manager.commands.get(requestId);
    expect(record?.answer?.payload).to.deep.equal({ message: '[redacted] is no better than [redacted]' });
  });

  it('are hidden in a path, a query, and in the audit of both', async () => {
    const { commands, audit } = test.manager;
    secrets.add('canaryQuery1').add('canaryQuery2').add('canaryQuery3');
    const odd =
      '/mqtt?pass%77ord=canaryQuery1&x=1&token=canaryQuery2;connectionString=HostName%3Da%3BSharedAccessKey%3DcanaryQuery3';
    const refused = await commands.submit({ clientid: 'A', method: 'GET', path: odd });
    expect(refused).to.include({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' });
    expect(refused.path).to.match(/^\/mqtt\?.*&x=1&/);
    const path = odd.replace('%77', 'w').replace(';', '&');
    const { requestId } = await commands.submit({ clientid: 'A', method: 'GET', path });
    expect((await gateway.nextRequest()).path).to.equal(path);
    await gateway.answer(requestId, { message: 'canaryQuery1 is no token, nor is canaryQuery2' });
    const record = await commands.waitFor(requestId, patience(60_000));
    expect(record?.path).to.match(/^\/mqtt\?.*&x=1&/);
    await audit.record({
      ...{
        who: 'a',
        role: null,
        address: null,
        action: 'command.send',
        clientid: 'A',
        outcome: 'failed' as const,
      },
      detail: {
        method: 'GET',
        path: odd,
        requestBody: { pin: 73_999_999, keys: [{ privateKey: 'canaryQuery2' }] },
      },
      reason: databaseReason('database-unreachable', { fault: 'password=canaryQuery1 was refused' }),
    });
    secrets.add('73999999');
    shown.push(JSON.stringify(await audit.list({})));
  });

  it('are hidden where a command is refused, and in what is said of it', async () => {
    secrets.add('canaryFault1').add('canaryFault2').add('73888888');
    const refused = await test.manager.commands.send({
      ...{ clientid: 'A', operation: 'put-mqtt-id', params: { id: 1 } },
      requestBody: { password: ['canaryFault1'], certificate: { caPkFile: 73_888_888 }, server: 7 },
    });
    expect(refused.state).to.equal('REJECTED');
    const elsewhere = await test.manager.commands.send({
      ...{ clientid: 'A', method: 'POST', path: '/upgrades' },
      requestBody: { url: 'https://user:canaryFault2@evil.example/a.yaml' },
    });
    expect(elsewhere).to.include({ state: 'REJECTED', reasonCode: 'FORBIDDEN' });
    const [request] = [
      {
        ...{ clientid: 'A', requestedBy: 'a' },
        packages: [
          { category: 'tpe', version: '9', yamlUrl: 'https://user:canaryFault2@evil.example/a.yaml' },
        ],
      },
    ];
    const installation = await test.manager.installations.start(request as never);
    expect(installation.state).to.equal('REJECTED');
    shown.push(JSON.stringify([refused, elsewhere, installation]));
  });

  it('cannot be repeated from the record', async () => {
    const repeated = await test.manager.commands.send({
      ...{ clientid: 'A', operation: 'put-mqtt-id', params: { id: 1 }, check: 'warn' as const },
      requestBody: { password: '[redacted]' },
    });
    expect(repeated).to.include({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' });
    expect(repeated.reason).to.contain('[redacted]').and.contain('give the secret itself');
  });

  after(() => test.manager.close());

  // The last one: it looks at all that the others have left.
  it('are in no table, and in nothing that was told', async () => {
    const records = await test.manager.commands.list({ limit: 500 });
    shown.push(JSON.stringify(records));
    await test.manager.close();
    const database = await openDatabase(options);
    try {
      const tables = await database.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')`,
      );
      expect(tables.length).to.be.greaterThan(10);
      for (const { name } of tables) {
        const rows = await database.query<{ text: string }>(`select t::text as text from ${name} t`);
        expectNone(rows.map(({ text }) => text).join('\n'), name);
      }
      expectNone(shown.join('\n'), 'shown');
    } finally {
      await database.close();
    }
  });

  function expectNone(text: string, where: string): void {
    const found = [...secrets].filter((one) => text.includes(one));
    const around = found.slice(0, 3).map((one) => {
      const at = text.indexOf(one);
      return text.slice(Math.max(0, at - 300), at + 60);
    });
    expect(around, `${where}: ${found.length} of ${secrets.size}`).to.deep.equal([]);
    for (const encoded of text.match(/[A-Za-z\d+/]{40,}={0,2}/g) ?? []) {
      expect(Buffer.from(encoded, 'base64').toString('latin1'), where).not.to.contain('canary');
    }
  }
});

/** What goes to the hosts that are allowed, so that it is sent. */
function withSources(body: object): object {
  const url = 'https://packages.example.com/a.yaml';
  const image = 'mcr.microsoft.com/a:1';
  return JSON.parse(
    JSON.stringify(body, (key, value) => {
      if (key === 'url') return url;
      if (key === 'insecure') return false;
      return key === 'edgeAgentURI' ? image : value;
    }),
  ) as object;
}

function leavesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap(leavesOf);
}
