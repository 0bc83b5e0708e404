import { expect } from 'chai';
import { type CatalogueKeeper, createCatalogue } from '../../../nodes/manager/catalogue/create-catalogue.js';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { seedCatalogue } from '../../../nodes/manager/catalogue/seed-catalogue.js';
import { resolveRequest } from '../../../nodes/manager/catalogue/validation/resolve-request.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { nextEvent, openTestManager } from '../../support/manager.js';
import { commandJson, OPENAPI_30, OPENAPI_31, tpedmRequest } from '../../support/operation-files.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

const STOP = {
  id: 'own-stop',
  category: 'Pumps',
  name: 'Stop',
  method: 'PUT',
  path: '/pumps/{id}/stop',
  bodySchema: {
    type: 'object',
    // Not in the order of their names: a form keeps it.
    properties: { zone: { type: 'string' }, delay: { type: 'integer', minimum: 0 }, a: { type: 'string' } },
    required: ['delay'],
  },
  bodyExample: { zone: 'north', delay: 1 },
};

/** A document with what is easily lost on the way. */
const EVERYTHING = `
openapi: 3.1.0
components:
  schemas:
    Base: { type: object, properties: { kind: { type: string } }, required: [kind], discriminator: { propertyName: kind } }
    Sub: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { a: { maximum: 18446744073709551615 } } }] }
paths:
  /everything/{name}.json:
    put:
      parameters:
        - { name: name, in: path, required: true, style: label, schema: { type: array } }
        - { name: f, in: query, style: deepObject, schema: { type: object } }
        - { name: q, in: query, content: { application/json: { schema: { const: null } } } }
        - { name: e, in: query, allowEmptyValue: true, allowReserved: true, schema: { type: string, default: '' } }
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Base' }, example: { kind: Sub, a: 1e-7 } } }
      responses: { 200: { content: { application/json: { schema: true, example: [null, 1e300, 9007199254740991] } } } }
`;

eachDatabase("the users' operations", (open) => {
  const databases: Database[] = [];
  let database: Database;
  let catalogue: CatalogueKeeper;
  let changes: number;
  let warnings: string[];

  /** As a manager does. */
  async function start(options: DatabaseOptions): Promise<void> {
    database = await openDatabase(options);
    databases.push(database);
    await migrate(database, { info: () => undefined });
    await seedCatalogue(database);
    changes = 0;
    warnings = [];
    catalogue = createCatalogue(database, {
      onChange() {
        changes += 1;
      },
      warn: (text) => void warnings.push(text),
    });
    await catalogue.open();
  }

  async function restart(options: DatabaseOptions): Promise<void> {
    await database.close();
    await start(options);
  }

  const own = () => catalogue.operations().filter(({ source }) => source === 'own');
  const nameOf = ({ name }: Operation) => name;
  const copies = async () => {
    const categories = new Map((await catalogue.categories()).map(({ id, name }) => [id, name]));
    const packed = new Set(OPERATIONS.map(({ category, name }) => `${category}: ${name}`));
    return (await catalogue.operationRows())
      .map(({ categoryid, name, command }) => ({ title: `${categories.get(categoryid)}: ${name}`, command }))
      .filter(({ title }) => !packed.has(title));
  };

  afterEach(async () => {
    for (const one of databases.splice(0)) await one.close();
  });

  it('are saved, found, changed and removed, and told of', async () => {
    await start(await open.options());
    expect(own()).to.deep.equal([]);
    const saved = await catalogue.saveOperation(STOP);
    expect(saved).to.deep.include({ ...STOP, risk: 'disruptive', source: 'own', tpedm: false });
    expect(catalogue.get('own-stop')).to.deep.equal(saved);
    expect(Object.keys(catalogue.get('own-stop')!.bodySchema!.properties as object)).to.deep.equal([
      'zone',
      'delay',
      'a',
    ]);
    expect(catalogue.find('PUT', '/pumps/7/stop')?.id).to.equal('own-stop');
    expect(changes).to.equal(1);

    await catalogue.saveOperation(STOP);
    expect(changes, 'nothing was changed').to.equal(1);
    await catalogue.saveOperation({ ...STOP, name: 'Stop at once', risk: 'disruptive' });
    expect(own().map(nameOf)).to.deep.equal(['Stop at once']);
    expect(catalogue.get('own-stop')?.risk).to.equal('disruptive');

    await catalogue.removeOperation('own-stop');
    expect(own()).to.deep.equal([]);
    expect(catalogue.get('own-stop')).to.equal(null);
    expect(catalogue.find('PUT', '/pumps/7/stop')).to.equal(null);
    expect(changes).to.equal(3);
  });

  it('have no secrets in their examples, since all who may look see them', async () => {
    await start(await open.options());
    const saved = await catalogue.saveOperation({
      ...{ category: 'Ours', name: 'Join', method: 'PUT', path: '/tpfunc/net/join' },
      bodySchema: {
        type: 'object',
        properties: { ssid: { type: 'string' }, code: { type: 'string', format: 'password' } },
      },
      bodyExample: {
        ssid: 'a',
        code: 'geheim',
        pin: 4711,
        list: [{ psk: 'geheim' }],
        note: 'password=geheim',
      },
      answerExample: { data: { token: 'geheim', ok: true } },
    });
    expect(saved.bodyExample).to.deep.equal({ ssid: 'a', code: '', pin: 0, list: [{ psk: '' }], note: '' });
    expect(saved.answerExample).to.deep.equal({ data: { token: '', ok: true } });
    expect(catalogue.get(saved.id)).to.deep.equal(saved);
    expect(
      JSON.stringify([await catalogue.exportOperations(), await catalogue.operationRows()]),
    ).not.to.contain('geheim');
  });

  it('have no secrets in what their schemas show, and none that TPEDM has stored', async () => {
    await start(await open.options());
    const secret = { type: 'string', default: 'geheim', examples: ['geheim'] };
    const { id } = await catalogue.saveOperation({
      ...{ category: 'Ours', name: 'Join', method: 'PUT', path: '/tpfunc/net/{token}' },
      parameters: [{ name: 'token', in: 'path', required: true, schema: secret }],
      bodySchema: {
        type: 'object',
        default: { ssid: 'a', psk: 'geheim' },
        properties: {
          ssid: { type: 'string', default: 'a' },
          default: { type: 'string', default: 'b' },
          passwords: { type: 'array', items: secret },
          code: { anyOf: [{ ...secret, format: 'password' }] },
        },
      },
      bodyExample: { log: Buffer.from('password=geheim and more').toString('base64') },
    });
    await database.query('insert into dm_operation (categoryid, name, command) values (1, $1, $2)', [
      'Join by hand',
      JSON.stringify(tpedmRequest('PUT', '/nets/join', { ssid: 'a', psk: 'geheim' })),
    ]);
    await catalogue.maintain();
    expect(catalogue.find('PUT', '/nets/join')?.bodyExample).to.deep.equal({ ssid: 'a', psk: '' });
    expect(catalogue.get(id)?.bodySchema).to.deep.equal({
      type: 'object',
      default: { ssid: 'a', psk: '' },
      properties: {
        ssid: { type: 'string', default: 'a' },
        default: { type: 'string', default: 'b' },
        passwords: { type: 'array', items: { type: 'string' } },
        code: { anyOf: [{ type: 'string', format: 'password' }] },
      },
    });
    expect(catalogue.get(id)?.bodyExample).to.deep.equal({ log: '' });
    expect(JSON.stringify([catalogue.operations().slice(-2), catalogue.exportOperations()])).not.to.contain(
      'geheim',
    );
  });

  it('can be asked for by their id, and are checked', async () => {
    await start(await open.options());
    await catalogue.saveOperation(STOP);
    const given = { operation: 'own-stop', params: { id: 7 } };
    const good = resolveRequest(catalogue, { ...given, requestBody: { delay: 3 } });
    expect(good).to.deep.include({ method: 'PUT', path: '/pumps/7/stop', faults: [] });
    const bad = resolveRequest(catalogue, { ...given, requestBody: { delay: -1 } });
    expect(bad.faults.map(({ path, rule }) => [path, rule])).to.deep.equal([['/delay', 'minimum']]);
  });

  it("leave what a path and a method mean to TPE's, where it has that", async () => {
    await start(await open.options());
    const body = {
      category: 'Mine',
      name: 'DNS of mine',
      method: 'PATCH',
      path: '/device/general',
      id: 'own-host',
    };
    const theirs = catalogue.findAll('PATCH', '/device/general');
    expect(theirs).not.to.deep.equal([]);
    await catalogue.saveOperation(body);
    expect(catalogue.findAll('PATCH', '/device/general')).to.deep.equal(theirs);
    expect(catalogue.find('PATCH', '/device/general')?.source).to.equal('tpe');
    expect(catalogue.get('own-host')?.path).to.equal('/device/general');
  });

  it('refuse what cannot be, with a word for a program', async () => {
    await start(await open.options());
    await catalogue.saveOperation(STOP);
    const codeOf = async (promise: Promise<unknown>) => (await errorOf(promise)) as Error & { code: string };
    expect(await codeOf(catalogue.saveOperation({ ...STOP, id: 'own-other' }))).to.include({
      code: 'CONFLICT',
    });
    const reboot = { category: 'Device Maintenance', name: 'Reboot device now' };
    expect(await codeOf(catalogue.saveOperation({ ...STOP, ...reboot }))).to.include({ code: 'CONFLICT' });
    expect(await codeOf(catalogue.saveOperation({ ...STOP, path: '/auth/{id}' }))).to.include({
      code: 'FORBIDDEN',
    });
    expect(await codeOf(catalogue.saveOperation(null))).to.include({ code: 'INVALID_INPUT' });
    expect(await codeOf(catalogue.saveOperation({ ...STOP, id: 'own-dm-3' }))).to.include({
      code: 'INVALID_INPUT',
    });
    expect(await codeOf(catalogue.removeOperation('own-nothing'))).to.include({ code: 'NOT_FOUND' });
    expect(await codeOf(catalogue.removeOperation(OPERATIONS[0]!.id))).to.include({ code: 'FORBIDDEN' });
    expect(await codeOf(catalogue.importOperations('<html>'))).to.include({ code: 'INVALID_INPUT' });
    expect(own().map(nameOf)).to.deep.equal(['Stop']);
  });

  it('survive a restart', async () => {
    const options = await open.options();
    await start(options);
    await catalogue.saveOperation(STOP);
    await catalogue.importOperations(JSON.stringify(OPENAPI_30));
    const before = own();
    await restart(options);
    expect(own()).to.deep.equal(before);
    expect(await copies()).to.have.length(before.length);
  });

  it('stand in the tables of TPEDM too, and go from there', async () => {
    await start(await open.options());
    const categories = await catalogue.categories();
    await catalogue.saveOperation(STOP);
    await catalogue.saveOperation({
      ...STOP,
      id: 'own-all',
      name: 'Stop all',
      path: '/pumps/stop',
      query: { mode: 'a b' },
    });
    const [stop, all] = await copies();
    expect(stop!.title).to.equal('Pumps: Stop');
    expect(JSON.parse(stop!.command)).to.deep.equal(
      tpedmRequest('PUT', '/pumps/{id}/stop', { zone: 'north', delay: 1 }),
    );
    expect(JSON.parse(all!.command).path).to.equal('/pumps/stop?mode=a+b');
    await catalogue.saveOperation({ ...STOP, category: 'Big pumps' });
    expect((await copies()).map(({ title }) => title)).to.have.members([
      'Big pumps: Stop',
      'Pumps: Stop all',
    ]);
    await catalogue.removeOperation('own-stop');
    await catalogue.removeOperation('own-all');
    expect(await copies()).to.deep.equal([]);
    expect(await catalogue.categories()).to.deep.equal(categories);
  });

  it('have their ids in the rows of those tables, also what a tool of TPEDM added or changed', async () => {
    await start(await open.options());
    await catalogue.saveOperation(STOP);
    await catalogue.saveOperation({ ...STOP, id: 'own-other', name: 'Other' });
    await database.query(
      `update dm_operation set command = replace(command, 'stop', 'halt') where name = 'Other'`,
    );
    const [category] = await database.query<{ id: number }>(
      `select id from dm_category where name = 'Pumps'`,
    );
    await database.query(
      `insert into dm_operation (categoryid, name, command) values ($1, 'Theirs', $2), ($1, 'Broken', 'no JSON')`,
      [category!.id, JSON.stringify(tpedmRequest('GET', '/theirs'))],
    );
    await catalogue.reload();
    const rows = await catalogue.operationRows(category!.id);
    const idOf = (name: string) => rows.find((row) => row.name === name)?.id;
    expect(Object.fromEntries(rows.map(({ name, operation }) => [name, operation]))).to.deep.equal({
      Stop: 'own-stop',
      Other: `own-dm-${idOf('Other')}`,
      Theirs: `own-dm-${idOf('Theirs')}`,
      Broken: null,
    });
    for (const { operation } of rows)
      if (operation !== null) expect(catalogue.get(operation)).not.to.equal(null);
  });

  it('leave a copy that somebody changed there to him, and put a lost one back', async () => {
    const options = await open.options();
    await start(options);
    await catalogue.saveOperation(STOP);
    await catalogue.saveOperation({ ...STOP, id: 'own-lost', name: 'Lost' });
    const changed = JSON.stringify(tpedmRequest('PUT', '/pumps/all'));
    await database.query("update dm_operation set command = $1 where name = 'Stop'", [changed]);
    await database.query("delete from dm_operation where name = 'Lost'");
    await restart(options);
    expect((await copies()).map(({ title }) => title)).to.deep.equal([
      'Pumps: Stop',
      'Pumps: Stop',
      'Pumps: Lost',
    ]);
    expect(own().map(({ path }) => path)).to.have.members([
      '/pumps/{id}/stop',
      '/pumps/{id}/stop',
      '/pumps/all',
    ]);
    await catalogue.removeOperation('own-stop');
    expect((await copies())[0]).to.deep.include({ command: changed });
  });

  it('are there also where their copies cannot be', async () => {
    const options = await open.options();
    await start(options);
    await catalogue.saveOperation(STOP);
    await database.execute(`
      delete from dm_operation where name = 'Stop';
      create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
      create trigger refuse before insert on dm_operation for each row execute function refuse();`);
    await restart(options);
    expect(own().map(nameOf)).to.deep.equal(['Stop']);
    expect(warnings.join()).to.match(/could not be copied into dm_operation again: refused/);
  });

  it("are imported from TPEDM's file: its own are known, the team's are added, the second time all are the same", async () => {
    await start(await open.options());
    const plain = await catalogue.importOperations(commandJson({ team: false }));
    expect(plain).to.deep.include({ format: 'tpedm', added: [], changed: [], refused: [] });
    expect(plain.same).to.have.length(5);
    expect(changes).to.equal(0);

    const dry = await catalogue.importOperations(commandJson({ team: true }), { dryRun: true });
    expect(own()).to.deep.equal([]);
    expect(await copies()).to.deep.equal([]);
    const first = await catalogue.importOperations(commandJson({ team: true }));
    expect(first).to.deep.equal(dry);
    expect(first.added).to.have.length(3);
    expect(own().map(({ category, name }) => `${category}: ${name}`)).to.deep.equal([
      'Device Maintenance: Reboot device now (PUT /system/reboot)',
      'Pumps: Stop all pumps',
      'Pumps: One pump',
    ]);
    const again = await catalogue.importOperations(commandJson({ team: true }));
    expect(again).to.deep.include({ added: [], changed: [], refused: [] });
    expect(again.same).to.have.length(8);
    expect(changes).to.equal(1);

    const edited = await catalogue.importOperations(
      commandJson({ team: true }).replace('"delay":5', '"delay":6'),
    );
    expect(edited.changed).to.deep.equal([own()[1]!.id]);
    expect(own()[1]!.bodyExample).to.deep.equal({ delay: 6 });
  });

  it('are imported from OpenAPI, what the pack knows left alone, and twice are the same', async () => {
    await start(await open.options());
    const reboot = { put: { summary: 'Restart', requestBody: { content: {} } } };
    const document = { ...OPENAPI_30, servers: [], paths: { ...OPENAPI_30.paths, '/system/reboot': reboot } };
    const report = await catalogue.importOperations(JSON.stringify(document));
    expect(report.added).to.have.length(3);
    expect(report.same).to.deep.equal([catalogue.find('PUT', '/system/reboot')!.id]);
    expect(report.refused).to.have.length(3);
    await catalogue.importOperations(OPENAPI_31);
    expect(own()).to.have.length(4);
    expect((await catalogue.importOperations(OPENAPI_31)).same).to.have.length(1);
    expect(catalogue.find('GET', '/pumps/3')?.name).to.equal('One pump');
  });

  it('are told one by one when a file is looked at: what is called, and what of it is left out', async () => {
    await start(await open.options());
    const file = JSON.stringify({
      openapi: '3.0.3',
      servers: [{ url: 'https://virtserver.swaggerhub.com/someone/pumps/1.0.0' }],
      paths: {
        '/pumps': { get: { summary: 'Pumps', parameters: [{ name: 'X-Trace', in: 'header' }] }, head: {} },
        '/device/general': { get: { summary: 'General' } },
      },
    });
    const dry = await catalogue.importOperations(file, { dryRun: true, prefix: '/station' });
    expect(dry).to.deep.include({ prefix: '/station', added: dry.operations.map(({ id }) => id) });
    expect(dry.operations.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'GET /station/pumps',
      'GET /station/device/general',
    ]);
    const report = await catalogue.importOperations(file);
    expect(report).to.deep.include({ prefix: '', added: [report.operations[0]!.id] });
    expect(report.operations.map(({ outcome, path }) => [outcome, path])).to.deep.equal([
      ['added', '/pumps'],
      ['same', '/device/general'],
    ]);
    expect(report.operations[0]!.notes.map(({ code }) => code)).to.deep.equal(['header-parameter']);
    expect(report.notes.map(({ code }) => code)).to.include('server-mock');
    expect(report.refused).to.have.length(1);
    expect(report.refused[0]).to.include({ method: 'HEAD', path: '/pumps' });
    const again = await catalogue.importOperations(file);
    expect(again.operations.map(({ outcome }) => outcome)).to.deep.equal(['same', 'same']);
    for (const prefix of ['station', '/a b', '/a?b', '/{a}', '/a;b', 7, null] as never[]) {
      const error = await errorOf(catalogue.importOperations(file, { prefix }));
      expect(error, String(prefix)).to.include({ code: 'INVALID_INPUT' });
      expect(error.message).to.match(/"prefix" must be a path/);
    }
    const error = await errorOf(catalogue.importOperations(commandJson({ team: true }), { prefix: '/a' }));
    expect(error.message).to.match(/Only an OpenAPI document takes a prefix/);
  });

  it('are told of when they are called otherwise, or have secrets that are not kept', async () => {
    await start(await open.options());
    const schema = { type: 'object', properties: { password: { type: 'string', default: 'geheim' } } };
    const put = {
      ...{ summary: 'Same', requestBody: { content: { 'application/json': { schema } } } },
      tags: ['Pumps'],
    };
    const file = {
      openapi: '3.0.3',
      paths: { '/a': { put }, '/b': { put }, '/c': { get: { summary: 'x'.repeat(101) } } },
    };
    const { operations } = await catalogue.importOperations(JSON.stringify(file));
    expect(operations.map(({ name }) => name.slice(0, 20))).to.deep.equal([
      'Same',
      'Same (PUT /b)',
      'x'.repeat(20),
    ]);
    expect(operations.map(({ notes }) => notes.map(({ code }) => code))).to.deep.equal([
      ['secrets'],
      ['renamed', 'secrets'],
      ['name-cut'],
    ]);
    expect(JSON.stringify(operations)).not.to.contain('geheim');
  });

  it('are written as their description says, on another installation too', async () => {
    await start(await open.options());
    const parameters = [{ name: 'ids', in: 'query', style: 'pipeDelimited', schema: { type: 'array' } }];
    const file = JSON.stringify({ openapi: '3.0.3', paths: { '/list': { get: { parameters } } } });
    const [id] = (await catalogue.importOperations(file)).added;
    const exported = await catalogue.exportOperations();
    await catalogue.removeOperation(id!);
    await catalogue.importOperations(JSON.stringify(exported));
    const { path, faults } = resolveRequest(catalogue, { operation: id, params: { ids: [1, 2] } });
    expect({ path, faults }).to.deep.equal({ path: '/list?ids=1%7C2', faults: [] });
  });

  it('are the same after an export and an import elsewhere', async () => {
    await start(await open.options());
    await catalogue.saveOperation({ ...STOP, answerExample: 'x', models: ['AIG-301'], actuates: true });
    await catalogue.importOperations(commandJson({ team: true }));
    await catalogue.importOperations(JSON.stringify(OPENAPI_30));
    await catalogue.importOperations(EVERYTHING);
    const file = await catalogue.exportOperations();
    const before = own();
    await start(await open.options());
    const report = await catalogue.importOperations(JSON.stringify(file));
    expect(report.added).to.deep.equal(file.operations.map(({ id }) => id));
    expect(report.operations.flatMap(({ notes }) => notes)).to.deep.equal([]);
    expect(own()).to.deep.equal(before);
    expect(await catalogue.exportOperations()).to.deep.equal(file);
    expect((await catalogue.importOperations(JSON.stringify(file))).same).to.have.length(before.length);
    file.operations[0]!.bodySchema!.type = 'array';
    expect(catalogue.get('own-stop')?.bodySchema?.type).to.equal('object');
  });

  it('stand once for each id and each name of a file', async () => {
    await start(await open.options());
    const operations = [STOP, { ...STOP, path: '/other' }, { ...STOP, id: 'own-other' }];
    const report = await catalogue.importOperations(
      JSON.stringify({ format: 'tpe-operations', version: 1, operations }),
    );
    expect(report.added).to.deep.equal(['own-stop']);
    expect(report.refused.map(({ place }) => place)).to.deep.equal(['/operations/1', '/operations/2']);
    expect(report.refused[0]!.reason).to.match(/twice: first at \/operations\/0/);
    expect(report.refused[1]!.reason).to.match(/already \(own-stop\)/);
  });

  it('are 2000 at most', async () => {
    await start(await open.options());
    const operations = Array.from({ length: 2000 }, (_, n) => ({
      category: 'Many',
      name: `${n}`,
      method: 'GET',
      path: `/n${n}`,
    }));
    const text = JSON.stringify({ format: 'tpe-operations', version: 1, operations });
    expect((await catalogue.importOperations(text)).added).to.have.length(2000);
    const report = await catalogue.importOperations(OPENAPI_31);
    expect(report.refused[0]!.reason).to.match(/2000 custom operations already/);
    expect(await errorOf(catalogue.saveOperation(STOP))).to.include({ code: 'CONFLICT' });
    await catalogue.saveOperation({ ...own()[0]!, risk: 'destructive' });
  });

  it('are all there or none, whatever goes wrong', async () => {
    await start(await open.options());
    await database.execute(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
      create trigger refuse before insert on dm_operation for each row when (new.name = 'One pump') execute function refuse();`);
    expect((await errorOf(catalogue.importOperations(commandJson({ team: true })))).message).to.match(
      /refused/,
    );
    expect(own()).to.deep.equal([]);
    expect(await copies()).to.deep.equal([]);
    expect(changes).to.equal(0);
  });

  it('of a TPEDM that was adopted are there from the start, and stay as they are', async () => {
    const options = await open.emptyOptions();
    const raw = await openDatabase(options);
    await raw.execute(`${TPEDM_TABLES}
      insert into dm_category (id, name) values (1, 'Device Maintenance'), (2, 'Pumps');
      insert into dm_operation (id, categoryid, name, command) values
        (1, 1, 'Reboot device now', '${JSON.stringify(tpedmRequest('PUT', '/system/reboot', { now: true }))}'),
        (2, 2, 'Stop all', '${JSON.stringify(tpedmRequest('PUT', '/pumps/all/stop?mode=soft', { delay: 5 }))}'),
        (3, 2, 'Broken', 'my own words'),
        (4, 2, 'Login', '${JSON.stringify(tpedmRequest('POST', '/auth'))}'),
        (5, 99, 'Lost', '${JSON.stringify(tpedmRequest('GET', '/lost'))}'),
        (6, 2, 'Nothing', null);`);
    const before = await raw.query('select * from dm_operation order by id');
    await raw.close();
    await start(options);
    expect(own().map(({ id, category, name }) => [id, category, name])).to.deep.equal([
      ['own-dm-2', 'Pumps', 'Stop all'],
      ['own-dm-5', 'Without a category', 'Lost'],
    ]);
    expect(catalogue.get('own-dm-2')).to.deep.include({ path: '/pumps/all/stop', query: { mode: 'soft' } });
    expect(warnings).to.have.length(3);
    expect(warnings[0]).to.match(/row 3 \("Broken"\).*left as it is.*no JSON/);
    await catalogue.reload();
    expect(warnings, 'once').to.have.length(3);
    expect(await errorOf(catalogue.removeOperation('own-dm-2'))).to.include({ code: 'FORBIDDEN' });

    // What the rows say is known when it comes by file, and has an id that means something elsewhere.
    const file = await catalogue.exportOperations();
    expect(file.operations[0]!.id).to.match(/^own-stop-all-/);
    const report = await catalogue.importOperations(JSON.stringify(file));
    expect(report).to.deep.include({ added: [], same: ['own-dm-2', 'own-dm-5'] });
    await catalogue.saveOperation(STOP);
    await catalogue.removeOperation('own-stop');
    const after = await database.query('select * from dm_operation where id <= 6 order by id');
    expect(after).to.deep.equal(before);
  });

  it('are found by whoever looks around, also those that a tool of TPEDM adds', async () => {
    await start(await open.options());
    const other = createCatalogue(database);
    await other.open();
    expect(await other.maintain()).to.equal(false);
    await catalogue.saveOperation(STOP);
    expect(await other.maintain()).to.equal(true);
    expect(other.get('own-stop')?.name).to.equal('Stop');
    await database.query('insert into dm_operation (categoryid, name, command) values (1, $1, $2)', [
      'By hand',
      JSON.stringify(tpedmRequest('GET', '/by/hand')),
    ]);
    expect(await other.maintain()).to.equal(true);
    expect(other.find('GET', '/by/hand')?.name).to.equal('By hand');
    await catalogue.removeOperation('own-stop');
    expect(await other.maintain()).to.equal(true);
    expect(other.get('own-stop')).to.equal(null);
    expect(await other.maintain()).to.equal(false);
  });

  it('may have names in any language', async () => {
    await start(await open.options());
    const { id: _id, ...stop } = STOP;
    const names = [
      'ポンプを止める',
      '泵停止',
      'Öl 🛢️',
      "'; drop table dm_operation; --",
      '<script>alert(1)</script>',
    ];
    for (const name of names) await catalogue.saveOperation({ ...stop, name });
    expect(own().map(nameOf)).to.deep.equal(names);
    expect((await copies()).map(({ title }) => title)).to.deep.equal(names.map((name) => `Pumps: ${name}`));
  });

  it('that cannot be read any more are named, and take nothing with them', async () => {
    const options = await open.options();
    await start(options);
    await catalogue.saveOperation(STOP);
    await database.query(
      `insert into tpe_operation (id, definition) values ('own-bad', '{"path": 1}'), ('own-odd', '7')`,
    );
    await database.query(
      `insert into tpe_operation (id, definition)
       select 'own-schema', replace(replace(definition::text, 'integer', 'intege'), '"Stop"', '"Odd"')::json
       from tpe_operation where id = 'own-stop'`,
    );
    await restart(options);
    expect(own().map(({ id }) => id)).to.deep.equal(['own-stop', 'own-schema']);
    expect(warnings.join()).to.match(/"own-bad".*"own-odd"/);
    const { faults } = resolveRequest(catalogue, {
      operation: 'own-schema',
      params: { id: 1 },
      requestBody: {},
    });
    expect(faults.map(({ rule }) => rule)).to.deep.equal(['schema']);
  });

  it('come to a device manager, with its event', async () => {
    const options = await open.options();
    const { manager } = await openTestManager(options);
    try {
      const told = nextEvent(manager, 'catalogue', () => true);
      await manager.catalogue.saveOperation(STOP);
      await told;
    } finally {
      await manager.close();
    }
    const { manager: next } = await openTestManager(options);
    expect(next.catalogue.get('own-stop')?.name).to.equal('Stop');
    await next.close();
  });

  // PGlite belongs to one process.
  if (open.kind === 'postgresql') {
    it('of one device manager are found by the others at once', async () => {
      const options = await open.options();
      const first = await openTestManager(options, { instance: 'first' });
      const second = await openTestManager(options, { instance: 'second' });
      try {
        const added = nextEvent(second.manager, 'catalogue', () => true);
        await first.manager.catalogue.importOperations(JSON.stringify(OPENAPI_30));
        await added;
        expect(second.manager.catalogue.find('GET', '/station/pumps/3')?.name).to.equal('One pump');
        const removed = nextEvent(first.manager, 'catalogue', () => true);
        await second.manager.catalogue.removeOperation(
          second.manager.catalogue.find('GET', '/station/pumps/3')!.id,
        );
        await removed;
        expect(first.manager.catalogue.find('GET', '/station/pumps/3')).to.equal(null);
      } finally {
        await first.manager.close();
        await second.manager.close();
      }
    });

    it('are one, when two import the same at once', async () => {
      const options = await open.options();
      await start(options);
      const another = await openDatabase(options);
      databases.push(another);
      const other = createCatalogue(another);
      const file = commandJson({ team: true });
      const reports = await Promise.all([catalogue.importOperations(file), other.importOperations(file)]);
      expect(reports.map(({ added }) => added.length).sort()).to.deep.equal([0, 3]);
      expect(await copies()).to.have.length(3);
    });
  }
});
