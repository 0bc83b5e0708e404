import { expect } from 'chai';
import { closed, openRig, type Rig } from './rig.js';

interface Page {
  data: { clientid: string }[];
  meta: { count?: number; hasnext?: boolean; cursor?: string; page?: number; limit?: number };
}

describe('EMQX stand-in: REST', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());
  const page = async (path: string) => (await rig.rest('GET', path)).body as Page;
  const idsOf = ({ data }: Page) => data.map(({ clientid }) => clientid);

  it('pages through 10,000 clients: v4 knows where the end is, v5 says "more" after a full page', async () => {
    for (const [version, path, limit] of [
      ['4.4', '/api/v4/clients?_page={}&_limit=2500', 2500],
      ['5.8', '/api/v5/clients?page={}&limit=2500&fields=clientid,connected', 2500],
    ] as const) {
      rig = await openRig({ version });
      await rig.emqx.addClients(10_000, { isSilent: true });
      const pages: Page[] = [];
      for (const number of [1, 2, 3, 4]) pages.push(await page(path.replace('{}', String(number))));
      expect(new Set(pages.flatMap(idsOf)).size).to.equal(10_000);
      expect(pages.map(({ meta }) => meta.count)).to.deep.equal([10_000, 10_000, 10_000, 10_000]);
      expect(pages[0]?.meta.limit).to.equal(limit);
      const hasnext = pages.map(({ meta }) => meta.hasnext);
      expect(hasnext).to.deep.equal([true, true, true, version === '5.8']);
      if (version !== '5.8') await rig.closeAll();
      else expect(pages[0]?.data[0]).to.have.all.keys('clientid', 'connected');
    }
    expect(await page('/api/v5/clients?page=5&limit=2500')).to.deep.include({ data: [] });
  });

  it('changes the list under who reads it: pages then miss one, a cursor does not', async () => {
    rig = await openRig({ version: '5.8' });
    await rig.emqx.addClients(['A', 'B', 'C', 'D'], { isSilent: true });
    rig.emqx.changeWhileListing(() => rig.emqx.removeClients(['A'], { isSilent: true }));
    const first = await page('/api/v5/clients?page=1&limit=2');
    const second = await page('/api/v5/clients?page=2&limit=2');
    expect([...idsOf(first), ...idsOf(second)]).to.deep.equal(['A', 'B', 'D']);
    await rig.emqx.addClients(['A'], { isSilent: true });
    const one = await page('/api/v5/clients_v2?limit=2');
    const two = await page(`/api/v5/clients_v2?limit=2&cursor=${one.meta.cursor}`);
    expect([...idsOf(one), ...idsOf(two)]).to.deep.equal(['A', 'B', 'C', 'D']);
    expect(two.meta).to.deep.equal({ count: 2 });
  });

  it('5.0 has neither fields nor cursors', async () => {
    rig = await openRig({ version: '5.0' });
    await rig.client('A');
    const { data } = await page('/api/v5/clients?fields=clientid');
    expect(data[0]).to.include.keys('clientid', 'connected_at', 'zone');
    expect((await rig.rest('GET', '/api/v5/clients_v2')).status).to.equal(404);
  });

  it('v5 refuses pages that there cannot be', async () => {
    rig = await openRig({ version: '5.8' });
    for (const query of ['page=0', 'limit=0', 'limit=10001', 'limit=x']) {
      const { status, body } = await rig.rest('GET', `/api/v5/clients?${query}`);
      expect([status, (body as { code: string }).code], query).to.deep.equal([400, 'BAD_REQUEST']);
    }
  });

  it('v5 bulk: none goes out where one is wrong, and an empty one is a crash', async () => {
    rig = await openRig({ version: '5.8' });
    const client = await rig.client('A');
    const texts: string[] = [];
    client.on('message', (_topic, payload) => texts.push(payload.toString()));
    await client.subscribeAsync('/tpedm/A/input', { qos: 1 });
    const good = (payload: string) => ({ topic: '/tpedm/A/input', payload, qos: 1 });
    const bulk = (items: unknown[]) => rig.rest('POST', '/api/v5/publish/bulk', items);
    expect((await bulk([good('1'), { topic: 'a/+', payload: '2' }])).status).to.equal(400);
    expect((await bulk([good('3'), { topic: 'a', payload: '4', qos: 7 }])).status).to.equal(400);
    expect((await bulk([])).status).to.equal(500);
    const arrived = new Promise((resolve) => client.once('message', resolve));
    const { status, body } = await bulk([good('5'), { ...good('Ng=='), payload_encoding: 'base64' }]);
    expect(status).to.equal(200);
    expect(body).to.have.lengthOf(2);
    await arrived;
    while (texts.length < 2) await new Promise((resolve) => client.once('message', resolve));
    expect(texts).to.deep.equal(['5', '6']);
  });

  it('v5 refuses a payload that is no base64, and one that is too long', async () => {
    rig = await openRig({ version: '5.8' });
    const publish = (more: object) =>
      rig.rest('POST', '/api/v5/publish', { topic: 'a', payload: '*', ...more });
    const bad = await publish({ payload_encoding: 'base64' });
    expect([bad.status, (bad.body as { reason_code: number }).reason_code]).to.deep.equal([400, 131]);
    const long = await publish({ payload: 'x'.repeat(1024 * 1024 + 1) });
    expect(long.body).to.deep.equal({ message: 'packet_too_large', reason_code: 151 });
  });

  it('a client that is away, with a session that is kept, counts as a subscriber', async () => {
    rig = await openRig({ version: '5.8' });
    const client = await rig.client('A', { clean: false });
    await client.subscribeAsync('/tpedm/A/input', { qos: 1 });
    const order = { topic: '/tpedm/A/input', payload: 'x', qos: 1 };
    await client.endAsync();
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    expect((await rig.rest('POST', '/api/v5/publish', order)).status).to.equal(200);
    await rig.rest('DELETE', '/api/v5/clients/A');
    expect((await rig.rest('POST', '/api/v5/publish', order)).status).to.equal(202);
  });

  it('v5: a ban ends the session, keeps the client out, and is not made twice', async () => {
    rig = await openRig({ version: '5.8' });
    const client = await rig.client('A');
    const isOut = closed(client);
    const ban = { as: 'clientid', who: 'A', by: 'tpedm', reason: 'retired' };
    const made = await rig.rest('POST', '/api/v5/banned', ban);
    expect(made.status).to.equal(200);
    expect(made.body).to.include({ ...ban, until: 'infinity' });
    await isOut;
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    expect(rig.receiver.hooks[1]?.body).to.include({ event: 'client.disconnected', reason: 'kicked' });
    expect(await rig.client('A').catch((error: unknown) => error)).to.include({ code: 5 });
    const again = await rig.rest('POST', '/api/v5/banned', ban);
    expect([again.status, (again.body as { code: string }).code]).to.deep.equal([400, 'ALREADY_EXISTS']);
    const { data } = (await rig.rest('GET', '/api/v5/banned')).body as { data: object[] };
    expect(data).to.deep.equal([made.body]);
    expect((await rig.rest('DELETE', '/api/v5/banned/clientid/A')).status).to.equal(204);
    expect((await rig.rest('DELETE', '/api/v5/banned/clientid/A')).status).to.equal(404);
    await rig.client('A');
  });

  it('v4: a ban ends the session, keeps the client out, and needs a reason', async () => {
    rig = await openRig({ version: '4.4' });
    const isOver = closed(await rig.client('A'));
    const ban = { as: 'clientid', who: 'A', by: 'tpedm', reason: 'retired' };
    expect((await rig.rest('POST', '/api/v4/banned', { ...ban, reason: undefined })).status).to.equal(500);
    expect((await rig.rest('POST', '/api/v4/banned', ban)).body).to.deep.equal({ data: ban, code: 0 });
    await isOver;
    expect(await rig.client('A').catch((error: unknown) => error)).to.include({ code: 5 });
    const { data } = (await rig.rest('GET', '/api/v4/banned')).body as {
      data: { at: number; until: number }[];
    };
    expect(data[0]).to.include(ban);
    expect((data[0]?.until ?? 0) - (data[0]?.at ?? 0)).to.equal(300);
    expect((await rig.rest('DELETE', '/api/v4/banned/clientid/A')).body).to.deep.equal({ code: 0 });
    await rig.client('A');
  });

  it('answers to a probe with its version, where it has the format', async () => {
    rig = await openRig({ version: '6.2' });
    const { body } = await rig.rest('GET', '/api/v5/status?format=json', undefined, null);
    expect(body).to.include({ rel_vsn: '6.2.2', app_status: 'running' });
  });
});

describe('EMQX stand-in: a crowd without sockets', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());

  it('tells of 2,000 that come and go, each once', async () => {
    rig = await openRig({ version: '5.8' });
    const ids = await rig.emqx.addClients(2000);
    await rig.emqx.webhooks.settled();
    await rig.emqx.removeClients();
    await rig.emqx.webhooks.settled();
    const told = rig.receiver.hooks.map(({ body }) => `${body.event} ${body.clientid}`);
    expect(new Set(told).size).to.equal(4000);
    expect(told).to.have.lengthOf(4000);
    expect(ids).to.have.lengthOf(2000);
    expect(rig.emqx.clients()).to.deep.equal([]);
  });

  it('is there for REST: a command arrives, and a kick is told', async () => {
    rig = await openRig({ version: '4.4' });
    await rig.emqx.addClients(['A']);
    expect((await rig.rest('DELETE', '/api/v4/clients/A')).body).to.deep.equal({ code: 0 });
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    expect(rig.receiver.hooks[1]?.body).to.include({ action: 'client_disconnected', reason: 'kicked' });
  });

  it('gives way to a real client with the same id', async () => {
    rig = await openRig({ version: '5.8' });
    await rig.emqx.addClients(['A']);
    await rig.client('A');
    await rig.emqx.webhooks.settled();
    expect(rig.receiver.hooks.map(({ body }) => body.reason)).to.deep.equal([
      undefined,
      'discarded',
      undefined,
    ]);
    await rig.emqx.removeClients(['A']);
    expect(rig.emqx.clients()).to.have.lengthOf(1);
  });
});
