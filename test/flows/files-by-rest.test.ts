import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { callRest } from '../support/call-rest.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../support/node-red-process.js';

const TABLES = join(PROJECT_ROOT, 'test/fixtures/tables');

interface Reply {
  status: number;
  body: { status: boolean; data: Record<string, unknown> & { notes?: { reason: string; cause: unknown }[] } };
}

describe('flow: files of gateways by REST', () => {
  let nodeRed: NodeRedProcess;
  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0' } });
  });
  after(() => nodeRed?.stop());

  const call = (path: string, method: string, body: Uint8Array<ArrayBuffer> | string | null, type: string) =>
    callRest(nodeRed, method, `/api/${path}`, { body, headers: { 'content-type': type } });
  async function post(path: string, body: Buffer | string, type = 'text/csv'): Promise<Reply> {
    const bytes = typeof body === 'string' ? body : new Uint8Array(body);
    const { status, text } = await call(path, 'POST', bytes, type);
    return { status, body: JSON.parse(text) as Reply['body'] };
  }

  it('come in as bytes, whatever their encoding and whatever they are said to be', async () => {
    const file = readFileSync(join(TABLES, 'excel-ansi.csv'));
    const dry = await post('device/import?dryRun=true', file);
    expect(dry.body.data).to.deep.include({ total: 1, good: 1, faults: [] });
    expect(dry.body.data.notes?.map(({ reason }) => reason).join()).to.contain('windows-1252');
    expect(dry.body.data.notes?.map(({ cause }) => cause)).to.deep.include({
      code: 'file-read-as',
      params: { encoding: 'windows-1252' },
    });
    const done = await post('device/import', file, 'application/x-www-form-urlencoded');
    expect(done.body.data).to.deep.include({ total: 1, registered: 1, faults: [] });
    const one = await call('device/ansi-ui-1', 'GET', null, 'application/json');
    expect((JSON.parse(one.text) as Reply['body']).data).to.include({ site: 'München', note: 'Größe' });
    const unicode = readFileSync(join(TABLES, 'excel-unicode.txt'));
    expect((await post('device/import', unicode, 'application/json')).body.data).to.include({
      registered: 1,
    });
  });

  it('are refused in words', async () => {
    const big5 = Buffer.from('636c69656e7469642c736974650a6b616f2c b0aab6af0a'.replaceAll(' ', ''), 'hex');
    const unsure = await post('device/import', big5);
    expect(unsure.status).to.equal(400);
    expect(unsure.body.data).to.deep.include({ code: 'INVALID_INPUT' });
    expect(unsure.body.data.message).to.match(/not sure which encoding/);
    expect((await post('device/import?encoding=big5', big5)).body.data).to.include({ registered: 1 });
    const form = new FormData();
    form.set('file', new Blob(['clientid\na\n']), 'x.csv');
    const sent = await fetch(`${nodeRed.url}/api/device/import`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${nodeRed.token}` },
    });
    expect(sent.status).to.equal(400);
    expect(JSON.stringify(await sent.json())).to.contain('--data-binary');
    const operations = await post('operation/import', Buffer.from('%PDF-1.7'), 'application/pdf');
    expect(operations.status).to.equal(400);
    expect(operations.body.data.message).to.match(/PDF/);
    const broken = await post('operation/import', '{"category": [}', 'application/json');
    expect(broken.status).to.equal(400);
  });

  it('are refused where the address says what nobody knows, which may be a dryRun', async () => {
    for (const [path, body] of [
      ['device/import?dryrun=true', 'clientid\nnot-now\n'],
      ['operation/import?dry_run=true', '{"openapi":"3.0.0","paths":{}}'],
    ] as const) {
      const { status, body: answer } = await post(path, body);
      expect(status).to.equal(400);
      expect(answer.data).to.deep.include({ code: 'INVALID_INPUT' });
      expect(answer.data.message).to.match(
        /query has an unknown property "dry_?run"\. The query takes any of dryRun,/,
      );
    }
    expect((await call('device/not-now', 'GET', null, 'application/json')).status).to.equal(404);
  });

  it('are read as they are, and not as a parser of bodies leaves them', async () => {
    const twice = '[{"clientid":"twice-1","site":"A","site":"B"},{"clientid":12345678901234567890}]';
    for (const type of ['application/json', 'text/plain', 'application/octet-stream']) {
      const { data } = (await post('device/import?dryRun=true', twice, type)).body;
      expect(data, type).to.have.nested.property('faults[0].reason').that.contains('"site" twice');
      expect(data, type).to.have.nested.property('sample[0].clientid', '12345678901234567890');
      const document = '{"openapi":"3.0.0","paths":{"/a":{"get":{}},"/a":{"get":{}}}}';
      const operations = await post('operation/import?dryRun=true', document, type);
      expect(operations.body.data.message, type).to.contain('"/a" stands twice');
    }
  });

  it('of operations are read in the encoding that is named', async () => {
    const file = Buffer.from(
      '{"openapi":"3.0.0","paths":{"/kao":{"get":{"summary":"kao \xb0\xaa\xb6\xaf"}}}}',
      'latin1',
    );
    expect((await post('operation/import?dryRun=true', file)).body.data.message).to.match(/not sure which/);
    const named = await post('operation/import?dryRun=true&encoding=big5', file);
    expect(named.body.data).to.have.nested.property('operations[0].name', 'kao 高雄');
  });

  it('go out and come in with what is disabled, and nothing is lost between', async () => {
    await post('device/import', 'clientid,site,tags,enabled\nshut-1,A,a;b,no\nshut-2,,,\n');
    const out = await call('device/export?site=A&format=json', 'GET', null, 'application/json');
    const [exported] = JSON.parse(out.text) as Record<string, unknown>[];
    expect(exported).to.include({ clientid: 'shut-1', enabled: false });
    await call('device/shut-1', 'DELETE', null, 'application/json');
    const { body } = await post('device/import', JSON.stringify([exported]), 'application/json');
    expect(body.data).to.include({ registered: 1 });
    expect(body.data).to.have.nested.property('credentials[0].clientid', 'shut-1');
    const again = await call('device/shut-1', 'GET', null, 'application/json');
    expect((JSON.parse(again.text) as Reply['body']).data).to.include({ enabled: false, site: 'A' });
  });

  it('go out as spreadsheets open them, and come in again', async () => {
    const response = await call('device/export', 'GET', null, 'application/json');
    expect(response.headers.get('content-type')).to.contain('text/csv');
    const { bytes } = response;
    expect(bytes.subarray(0, 3).toString('hex')).to.equal('efbbbf');
    const again = await post('device/import', bytes);
    expect(again.body.data).to.include({ total: 5, registered: 0 });
    const json = await call('device/export?format=json&site=nowhere', 'GET', null, 'application/json');
    expect(JSON.parse(json.text)).to.deep.equal([]);
  });

  it('gives several gateways new passwords, and tells who has none', async () => {
    const rotated = await post(
      'device/rotate',
      JSON.stringify({ clientids: ['kao', 'nobody'] }),
      'application/json',
    );
    expect(rotated.body.data).to.have.nested.property('credentials[0].clientid', 'kao');
    expect(rotated.body.data).to.have.nested.property('faults[0].clientid', 'nobody');
    for (const body of ['{}', '{"clientids": []}', '{"clientids": "kao"}', '{"all": true}'])
      expect((await post('device/rotate', body, 'application/json')).status, body).to.equal(400);
  });
});
