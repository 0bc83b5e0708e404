import { expect } from 'chai';
import type { Catalogue } from '../../../../nodes/manager/catalogue/catalogue.js';
import { createCatalogue } from '../../../../nodes/manager/catalogue/create-catalogue.js';
import { OPERATIONS } from '../../../../nodes/manager/catalogue/operations.js';
import { seedCatalogue } from '../../../../nodes/manager/catalogue/seed-catalogue.js';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { TpeError } from '../../../../nodes/manager/tpe-error.js';
import { eachDatabase } from '../../../support/databases.js';

const PUMP = {
  id: 'own-pump',
  category: 'Pump house',
  name: 'Set the pump',
  method: 'PUT',
  path: '/tpfunc/pump/{number}',
  parameters: [{ name: 'number', in: 'path', required: true, schema: { type: 'integer', maximum: 4 } }],
  bodySchema: { type: 'object', required: ['speed'], properties: { speed: { type: 'number', unit: 'rpm' } } },
  bodyExample: { speed: 900 },
};
const HEADERS = [{ 'request-expired-time': '{expired-time}' }, { 'request-id': '{request-id}' }];
const TPEDM_FILE = {
  category: [
    {
      name: 'Device Maintenance',
      operation: [
        {
          name: 'Reboot device now',
          command: { path: '/system/reboot', method: 'PUT', headers: HEADERS, requestBody: { now: true } },
        },
        {
          name: 'Reset to Factory Default',
          command: {
            path: '/system/reset-default?mode=factory',
            method: 'PUT',
            headers: HEADERS,
            requestBody: {},
          },
        },
      ],
    },
    {
      name: 'Pump house',
      operation: [
        {
          name: 'Start the pump',
          command: {
            path: '/api/v1/tpfunc/pump/{number}?mode=soft',
            method: 'put',
            headers: HEADERS,
            requestBody: { speed: 900, tags: ['a'] },
          },
        },
        { name: 'Log in', command: { path: '/auth', method: 'POST', headers: HEADERS, requestBody: {} } },
        { name: 'Broken', command: { path: 7, method: 'GET' } },
        null,
      ],
    },
    { name: 'No list' },
  ],
};
const OPENAPI = `
openapi: 3.0.3
info: { title: Pumps, version: '1' }
servers: [{ url: 'https://{ip}:8443/api/v1' }]
paths:
  /pumps/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    put:
      summary: Change a pump
      tags: [Pump house]
      parameters: [{ name: dry, in: query, schema: { type: boolean } }]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Pump' } } } }
      responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Pump' } } } } }
    get:
      responses: { '204': { description: nothing } }
  /pumps/{id}/picture:
    post: { summary: Send a picture, requestBody: { content: { multipart/form-data: {} } } }
  /device/route:
    get: { summary: Route }
components:
  schemas:
    Pump:
      allOf:
        - type: object
          required: [speed]
          properties: { speed: { type: number, nullable: true, maximum: 3000, description: not taken }, id: { readOnly: true } }
        - type: object
          properties: { next: { $ref: '#/components/schemas/Pump' } }
`;

eachDatabase('own operations of the catalogue', (open) => {
  let database: Database;
  let catalogue: Catalogue;
  let changes = 0;
  const faults: string[] = [];
  const openCatalogue = async (on: Database) => {
    const made = createCatalogue(on, {
      onChange: () => {
        changes += 1;
      },
      onFault: (text) => faults.push(text),
    });
    await made.reload();
    return made;
  };

  beforeEach(async () => {
    database = await open();
    await seedCatalogue(database);
    faults.length = 0;
    changes = 0;
    catalogue = await openCatalogue(database);
  });
  afterEach(() => database.close());

  async function refusal(work: Promise<unknown>): Promise<TpeError> {
    const error: unknown = await work.then(
      () => null,
      (fault: unknown) => fault,
    );
    if (error instanceof TpeError) return error;
    throw new Error(`no TpeError: ${error}`);
  }
  const rowOf = async (name: string) => (await catalogue.operationRows()).filter((row) => row.name === name);

  it('are kept in the database, found like all others, and shown to the tools of TPEDM', async () => {
    await catalogue.saveOperation(PUMP);
    expect(changes).to.equal(1);
    const again = await openCatalogue(database);
    expect(again.operations()).to.have.length(OPERATIONS.length + 1);
    expect(again.get('own-pump')).to.deep.include({ source: 'own', risk: 'write', name: 'Set the pump' });
    expect(again.find('PUT', '/tpfunc/pump/3')?.id).to.equal('own-pump');
    expect(again.find('PUT', '/tpfunc/other/3')?.id).to.equal('put-tpfunc-function-route');
    const [row] = await rowOf('Set the pump');
    expect(JSON.parse(row!.command)).to.deep.include({
      path: '/tpfunc/pump/{number}',
      requestBody: { speed: 900 },
    });
    await catalogue.saveOperation({ ...PUMP, name: 'Set a pump' });
    expect(await rowOf('Set the pump')).to.have.length(0);
    expect((await rowOf('Set a pump'))[0]?.id).to.equal(row!.id);
    await catalogue.removeOperation('own-pump');
    expect(catalogue.get('own-pump')).to.equal(null);
    expect(await rowOf('Set a pump')).to.have.length(0);
  });

  it("take TPEDM's own file: what the pack has is the same, the rest is added, faults are named", async () => {
    const file = JSON.stringify(TPEDM_FILE);
    const tried = await catalogue.importOperations(file, { dryRun: true });
    expect(catalogue.get('own-put-tpfunc-pump-number-start-the-pump')).to.equal(null);
    const report = await catalogue.importOperations(file);
    expect(report).to.deep.equal(tried);
    expect(report.format).to.equal('tpedm');
    expect(report.same).to.have.length(2);
    expect(report.added).to.deep.equal(['own-put-tpfunc-pump-number-start-the-pump']);
    expect(report.refused.map(({ place }) => place)).to.deep.equal([
      '/category/1/operation/1',
      '/category/1/operation/2',
      '/category/1/operation/3',
      '/category/2',
    ]);
    expect(report.refused[0]?.reason).to.contain('"/auth" is refused always');
    const added = catalogue.get(report.added[0]!);
    expect(added).to.deep.include({ method: 'PUT', path: '/tpfunc/pump/{number}', query: { mode: 'soft' } });
    expect(added?.bodySchema).to.have.nested.property('properties.speed.type', 'number');
    const again = await catalogue.importOperations(file);
    expect(again.added).to.deep.equal([]);
    expect(again.same).to.have.length(3);
  });

  it('take an OpenAPI document, with what its references point to, and leave out what cannot go over MQTT', async () => {
    const report = await catalogue.importOperations(OPENAPI);
    expect(report.format).to.equal('openapi');
    expect(report.added).to.deep.equal(['own-get-pumps-id-get-pumps-id', 'own-put-pumps-id-change-a-pump']);
    expect(report.refused.map(({ place, reason }) => [place, reason.slice(0, 24)])).to.deep.equal([
      ['/paths/~1pumps~1{id}~1picture/post', 'Its body is multipart/fo'],
      ['/paths/~1device~1route/get', '"/device/route" is refus'],
    ]);
    const put = catalogue.get('own-put-pumps-id-change-a-pump')!;
    expect(put).to.deep.include({ category: 'Pump house', path: '/pumps/{id}' });
    expect(put.parameters.map(({ name, in: place }) => `${place} ${name}`)).to.deep.equal([
      'path id',
      'query dry',
    ]);
    const { properties, required } = put.bodySchema as {
      properties: Record<string, object>;
      required: string[];
    };
    expect(required).to.deep.equal(['speed']);
    expect(properties.speed).to.deep.equal({ maximum: 3000, type: ['number', 'null'] });
    expect(properties).to.have.property('next').and.not.to.have.property('id');
    expect(catalogue.get('own-get-pumps-id-get-pumps-id')?.category).to.equal('Pumps');
    expect((await catalogue.importOperations(OPENAPI)).same).to.have.length(2);
    const changed = await catalogue.importOperations(OPENAPI.replace('maximum: 3000', 'maximum: 2000'));
    expect(changed.changed).to.deep.equal(['own-put-pumps-id-change-a-pump']);
  });

  it('go out and come in again in another database', async () => {
    await catalogue.saveOperation(PUMP);
    await catalogue.importOperations(OPENAPI);
    const file = catalogue.exportOperations();
    const other = await open();
    try {
      await seedCatalogue(other);
      const there = await openCatalogue(other);
      const report = await there.importOperations(JSON.stringify(file));
      expect(report).to.deep.include({ format: 'operations', refused: [], changed: [] });
      expect(there.exportOperations()).to.deep.equal(file);
    } finally {
      await other.close();
    }
  });

  it('offer what somebody put into the table of TPEDM, and do not touch it', async () => {
    const insert = (name: string, command: string) =>
      database.query(`insert into dm_operation (id, categoryid, name, command) values ($1, 1, $2, $3)`, [
        9000 + name.length,
        name,
        command,
      ]);
    await insert(
      'Mine',
      JSON.stringify({ path: '/mine/{id}', method: 'GET', headers: HEADERS, requestBody: {} }),
    );
    await insert('Nonsense', 'my own');
    await catalogue.reload();
    await catalogue.reload();
    expect(catalogue.get('own-dm-9004')).to.deep.include({ name: 'Mine', path: '/mine/{id}', source: 'own' });
    expect(faults).to.have.length(1);
    expect(faults[0]).to.contain('"Nonsense" (row 9008 of dm_operation)');
    expect((await refusal(catalogue.removeOperation('own-dm-9004'))).code).to.equal('CONFLICT');
    expect(await rowOf('Mine')).to.have.length(1);
  });

  it('cannot replace what came with the pack, nor take its names', async () => {
    const [first] = OPERATIONS;
    const refused: [unknown, string][] = [
      [{ ...PUMP, id: first!.id }, 'INVALID_INPUT'],
      [{ ...PUMP, category: first!.category, name: first!.name }, 'CONFLICT'],
      [{ ...PUMP, path: '/%61uth/x', parameters: [] }, 'FORBIDDEN'],
      [{ ...PUMP, path: '/a/../auth', parameters: [] }, 'FORBIDDEN'],
      [{ ...PUMP, bodyExample: { speed: 'fast' } }, 'INVALID_INPUT'],
      [{ ...PUMP, parameters: [{ name: 'other', in: 'path' }] }, 'INVALID_INPUT'],
      [{ ...PUMP, path: '/x/{a}/{a}', parameters: [] }, 'INVALID_INPUT'],
      [{ ...PUMP, name: 'a\u0000b' }, 'INVALID_INPUT'],
      [{ ...PUMP, name: 'a\ud800' }, 'INVALID_INPUT'],
      [{ ...PUMP, models: ['x'.repeat(101)] }, 'INVALID_INPUT'],
      [{ ...PUMP, bodyExample: { fill: 'x'.repeat(70_000) } }, 'INVALID_INPUT'],
      [{ ...PUMP, bodySchema: { properties: { a: { pattern: '(a+)+$' } } } }, 'INVALID_INPUT'],
      [{ ...PUMP, bodySchema: { properties: { a: { pattern: '(' } } } }, 'INVALID_INPUT'],
      [null, 'INVALID_INPUT'],
      ['text', 'INVALID_INPUT'],
    ];
    for (const [operation, code] of refused) {
      const fault = await refusal(catalogue.saveOperation(operation));
      expect(fault.code, JSON.stringify(operation)?.slice(0, 200)).to.equal(code);
    }
    expect((await refusal(catalogue.removeOperation(first!.id))).code).to.equal('CONFLICT');
    expect((await refusal(catalogue.removeOperation('own-nothing'))).code).to.equal('NOT_FOUND');
    expect(changes).to.equal(0);
  });

  it('are safe from files that mean no good', async () => {
    const laughs = `a: &a [x, x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`)}]`).join('\n')}`;
    const files: [string, RegExp][] = [
      ['<html><body>404</body></html>', /no object at its top|neither JSON/],
      ['', /no object/],
      ['{"openapi": "3.0.0", ', /neither JSON nor YAML/],
      ['[]', /no object/],
      ['{"swagger": "2.0"}', /convert it to OpenAPI 3/],
      ['{"hello": "world"}', /neither TPEDM/],
      [laughs, /neither JSON nor YAML/],
      [`{"category": "${'x'.repeat(6 * 1024 * 1024)}"}`, /larger than 5 MB/],
      [JSON.stringify({ format: 'tpe-operations', operations: Array(5001).fill(null) }), /more than 5000/],
    ];
    for (const [text, words] of files) {
      expect((await refusal(catalogue.importOperations(text))).message, text.slice(0, 50)).to.match(words);
    }
    const odd = {
      openapi: '3.1.0',
      paths: {
        '/a': { $ref: '#/paths/~1a' },
        '/b': {
          get: { summary: 'b', parameters: [{ $ref: 'http://example.com/x' }, null], responses: null },
        },
        '/c': null,
        '/d d': { get: {} },
        '/e': JSON.parse(
          '{"put": {"requestBody": {"content": {"application/json": {"schema": {"properties": {"__proto__": {"type": "string"}, "a": {"$ref": "#/x"}}}}}}}}',
        ),
      },
      x: { properties: { a: { $ref: '#/x' } } },
    };
    const report = await catalogue.importOperations(JSON.stringify(odd));
    expect(report.added).to.deep.equal(['own-get-b-b', 'own-put-e-put-e']);
    expect(report.refused.map(({ place }) => place)).to.deep.equal(['/paths/~1a', '/paths/~1d d/get']);
    expect(({} as Record<string, unknown>).type).to.equal(undefined);
  });

  it('are no more than can be looked after', async () => {
    const many = Array.from({ length: 2001 }, (_, index) => ({
      ...PUMP,
      id: `own-${index}`,
      name: `Pump ${index}`,
    }));
    const text = JSON.stringify({ format: 'tpe-operations', version: 1, operations: many });
    const report = await catalogue.importOperations(text);
    expect(report.added).to.have.length(2000);
    expect(report.refused[0]?.reason).to.contain('2000');
    const twice = { format: 'tpe-operations', operations: [many[0], { ...many[0], name: 'Again' }] };
    await catalogue.removeOperation('own-0');
    expect((await catalogue.importOperations(JSON.stringify(twice))).refused[0]?.reason).to.contain('twice');
  });
});
