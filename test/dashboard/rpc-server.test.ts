import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Caller } from '../../nodes/api/caller.js';
import { subscribeToChanges } from '../../nodes/api/changes.js';
import type { Procedure } from '../../nodes/api/procedure.js';
import { PROCEDURES } from '../../nodes/api/procedures/index.js';
import type { DashboardSocket } from '../../nodes/dashboard/server/caller.js';
import { createLoadLimits } from '../../nodes/dashboard/server/load-limits.js';
import { openRpcServer, type RpcServer } from '../../nodes/dashboard/server/rpc-server.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import type { Page } from '../../nodes/manager/shared/page.js';
import type { Role } from '../../nodes/manager/shared/role.js';
import { opener } from '../support/databases.js';
import { onlineGateway, openTestManager, type TestManager } from '../support/manager.js';

type Answer = Extract<WidgetMessage, { type: 'answer' }>;
type Refused = Extract<WidgetMessage, { type: 'refused' }>;

/** A browser, as a widget's node sees it. */
class Browser implements DashboardSocket {
  readonly data: object;
  readonly got: WidgetMessage[] = [];
  connected = true;
  private readonly arrivals = new EventEmitter();

  constructor(
    readonly id: string,
    role: Role,
  ) {
    this.data = {
      account: { id: `id of ${role}`, name: `a ${role}`, fullName: '', role },
      address: '10.0.0.1',
    };
  }

  emit(_event: string, message: unknown): void {
    this.got.push(message as WidgetMessage);
    this.arrivals.emit('message');
  }

  /** The first message from `from` on that is as wanted. */
  async until(isWanted: (message: WidgetMessage) => boolean, from = 0): Promise<WidgetMessage> {
    for (;;) {
      const found = this.got.slice(from).find(isWanted);
      if (found) return found;
      await once(this.arrivals, 'message');
    }
  }
}

describe('dashboard: the door for browsers', () => {
  const open = opener('pglite');
  let test: TestManager;
  let rpcServer: RpcServer;
  let unsubscribe: () => void;
  let number = 1000;
  let sockets = 0;
  const asked = new EventEmitter();
  /** Takes as long as the test wants. */
  let finish: (value: string) => void = () => undefined;
  const slow: Procedure<unknown, unknown> = {
    role: 'operator',
    input: {},
    parse: (input) => input,
    handler: () =>
      new Promise((resolve) => {
        finish = resolve;
        asked.emit('slow');
      }),
    invalidatedBy: () => true,
  };
  const told: { message: object; caller: Caller }[] = [];
  const faults: string[] = [];

  before(async () => {
    test = await openTestManager(await open.options());
    rpcServer = openRpcServer({
      procedures: new Map<string, Procedure<unknown, unknown>>([
        ...Object.entries(PROCEDURES),
        ['slow', slow],
      ]),
      manager: async () => test.manager,
      limits: createLoadLimits(),
      event: 'tpedm:x',
      onEmit: (message, caller) => told.push({ message, caller }),
      onFault: ({ message }) => faults.push(message),
    });
    unsubscribe = subscribeToChanges(test.manager, rpcServer.changed);
  });
  after(async () => {
    unsubscribe();
    rpcServer.close();
    await test.manager.close();
  });

  const browser = (role: Role) => {
    sockets += 1;
    return new Browser(`socket ${sockets}`, role);
  };
  async function ask(who: Browser, name: string, input: unknown): Promise<WidgetMessage> {
    number += 1;
    const own = number;
    rpcServer.take({ type: 'call', number: own, procedure: name, input }, who);
    return await who.until((message) => message.number === own);
  }

  it('refuses garbage with what is wrong about it, and goes on', async () => {
    const who = browser('administrator');
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
    const garbage: unknown[] = [
      undefined,
      null,
      'ask',
      [],
      {},
      { type: 'drop' },
      { type: 'call' },
      { type: 'call', number: -1, procedure: 'people.me', input: {} },
      { type: 'call', number: 1, procedure: 'toString', input: {} },
      { type: 'call', number: 1, procedure: '__proto__', input: {} },
      { type: 'call', number: 1, procedure: 'x'.repeat(10_000), input: {} },
      { type: 'call', number: 1, procedure: 'gateways.one', input: { clientid: ['a'] } },
      { type: 'call', number: 1, procedure: 'gateways.one', input: deep },
      {
        type: 'call',
        number: 1,
        procedure: 'gateways.export',
        input: { filter: { colour: 'red' }, format: 'csv' },
      },
      { type: 'subscribe', number: 1, procedure: 'commands.send', input: { clientids: ['a'] } },
      { type: 'subscribe', number: 1, procedure: 'gateways.export', input: { filter: {}, format: 'csv' } },
      JSON.parse('{"__proto__": {"type": "ask"}}'),
    ];
    for (const value of garbage) {
      const from = who.got.length;
      rpcServer.take(value, who);
      const { code, message } = (await who.until(({ type }) => type === 'refused', from)) as Refused;
      expect(code, String(garbage.indexOf(value))).to.be.oneOf(['INVALID_INPUT', 'NOT_FOUND']);
      expect(message).not.to.equal('');
    }
    expect(faults).to.deep.equal([]);
    expect(await ask(who, 'people.me', {})).to.deep.include({ type: 'answer' });
  });

  it('lets each role do what it may and nothing beyond, and writes down who tried', async () => {
    const actions: [string, unknown][] = [
      ['gateways.change', { clientids: ['a'], enabled: false }],
      ['gateways.retire', { clientids: ['a'], confirm: 'a' }],
      ['gateways.rotate', { clientid: 'a', confirm: 'a' }],
      ['gateways.refresh', { clientid: 'a' }],
      ['commands.send', { clientids: ['a'], operation: 'get-apps-get-all-apps' }],
      ['commands.cancel', { requestId: '1' }],
      ['updates.startScan', { filter: {} }],
      ['updates.install', { clientids: ['a'], confirm: 'a' }],
      ['registration.register', { clientid: 'b' }],
      ['registration.import', { text: 'clientid\nb', format: 'csv' }],
      ['people.create', { name: 'eve', role: 'administrator' }],
      ['people.setPassword', { user: { id: '1', name: 'eve' } }],
    ];
    for (const role of ['viewer', 'operator'] as const) {
      const who = browser(role);
      for (const [name, input] of actions.filter(
        ([name]) => role === 'viewer' || name.startsWith('people.'),
      )) {
        expect(await ask(who, name, input), name).to.deep.include({ type: 'refused', code: 'FORBIDDEN' });
      }
    }
    expect(await ask(browser('viewer'), 'audit.list', { limit: 10 })).to.include({ code: 'FORBIDDEN' });
    expect((await test.manager.registry.counts()).total).to.equal(0);
    expect(await test.manager.users.list()).to.deep.equal([]);
    const refused = await test.manager.audit.list({ outcome: 'refused', limit: 100 });
    expect(refused.filter(({ who }) => who === 'a viewer')).to.have.length(actions.length);
    const cause = { code: 'role-missing', params: { needed: 'operator', role: 'viewer' } };
    expect(refused.find(({ action }) => action === 'gateway.retire')).to.deep.include({
      ...{ clientid: 'a', address: '10.0.0.1', cause },
    });
    expect(JSON.stringify(refused)).not.to.contain('confirm');
  });

  it('asks for the word that fits the risk, whatever the page shows', async () => {
    const who = browser('operator');
    const gateway = await onlineGateway(test, 'a');
    const reboot = { clientids: ['a'], operation: 'put-system-reboot-reboot-device-now' };
    expect(await ask(who, 'commands.send', reboot)).to.include({ code: 'CONFLICT' });
    expect(await ask(who, 'commands.send', { ...reboot, confirm: 'b' })).to.include({ code: 'CONFLICT' });
    expect(await ask(who, 'gateways.retire', { clientids: ['a'], confirm: '' })).to.include({
      code: 'CONFLICT',
    });
    const { value } = (await ask(who, 'gateways.retire', { clientids: ['a'], confirm: 'a' })) as Answer;
    expect(value).to.deep.equal([{ clientid: 'a', fault: null }]);
    await gateway.leave().catch(() => undefined);
  });

  it('asks for the word however a request is spelled, and whatever its own description says', async () => {
    const who = browser('operator');
    const lie = { category: 'Mine', name: 'Look', method: 'PUT', path: '/system/decommission', risk: 'read' };
    const { id } = await test.manager.catalogue.saveOperation(lie);
    await test.manager.registry.register({ clientid: 'spelled' });
    const paths = [
      ...['/system/reset-default?mode=FACTORY', '/System/reboot', '/system/./reboot', '/system/reboot;a'],
      ...['/system/%72eset-default', '/x/../system/reboot', '/brand/new'],
    ];
    const requests = [{ operation: id }, ...paths.map((path) => ({ path, method: 'put' }))];
    const reads = [{ path: '/system/configuration?action=download&encryption=FALSE', method: 'GET' }];
    for (const request of [...requests, ...reads]) {
      const refused = await ask(who, 'commands.send', { clientids: ['spelled'], ...request });
      expect(refused, JSON.stringify(request)).to.include({ type: 'refused', code: 'CONFLICT' });
    }
    expect(await test.manager.commands.list({ clientid: 'spelled' })).to.deep.equal([]);
    const [entry] = await test.manager.audit.list({ action: 'command.send', limit: 1 });
    expect(entry?.detail).to.deep.include({ risk: 'disruptive', classes: ['changes-access'] });
    await test.manager.catalogue.removeOperation(id);
  });

  it('leaves what runs code at a gateway to administrators, who confirm it', async () => {
    await test.manager.registry.register({ clientid: 'coded' });
    const write = { operation: 'put-function-requirements', requestBody: { timeout: 60, pip: 'evil' } };
    const codes = [
      write,
      { path: '/function/requirements', method: 'PUT', requestBody: write.requestBody },
      { path: '/Function/Requirements', method: 'PUT', requestBody: write.requestBody },
      { path: '/function/mine', method: 'POST' },
    ];
    const nobody = new Browser('nobody', 'operator');
    Object.assign(nobody.data, { account: undefined });
    for (const who of [browser('operator'), nobody]) {
      for (const request of codes) {
        const input = { clientids: ['coded'], confirm: 'coded', ...request };
        const answer = await ask(who, 'commands.send', input);
        expect(answer, JSON.stringify(request)).to.include({ type: 'refused', code: 'FORBIDDEN' });
      }
    }
    const refused = await test.manager.audit.list({ action: 'command.send', outcome: 'refused', limit: 1 });
    expect(refused[0]).to.deep.include({ clientid: 'coded' });
    // Of refusals of one person in a minute the first stands there, and then how many there were.
    expect(refused[0]?.detail).to.deep.include({
      risk: 'disruptive',
      classes: ['runs-code', 'changes-source'],
    });

    const admin = browser('administrator');
    const send = { clientids: ['coded'], ...write };
    expect(await ask(admin, 'commands.send', send)).to.include({ code: 'CONFLICT' });
    expect(await ask(admin, 'commands.send', { ...send, confirm: 'coded' })).to.include({ type: 'answer' });
    const [record] = await test.manager.commands.list({ clientid: 'coded' });
    expect(record).to.deep.include({ risk: 'disruptive', classes: ['runs-code', 'changes-source'] });
  });

  it('does the same with several, and says of each what became of it', async () => {
    const who = browser('operator');
    for (const clientid of ['b', 'c']) await test.manager.registry.register({ clientid, tags: ['old'] });
    const cause = { code: 'gateway-retired-meanwhile', params: {} };
    const change = { clientids: ['b', 'nobody', 'c'], addTags: ['new'], removeTags: ['old'] };
    const { value } = (await ask(who, 'gateways.change', change)) as Answer;
    expect(value).to.deep.equal([
      { clientid: 'b', fault: null },
      { clientid: 'nobody', fault: { text: 'The gateway is no longer registered.', cause } },
      { clientid: 'c', fault: null },
    ]);
    expect((await test.manager.registry.get('c'))?.tags).to.deep.equal(['new']);
  });

  it('tells what is followed again when it has changed, and not otherwise, and ends with the browser', async () => {
    const who = browser('viewer');
    rpcServer.take(
      { type: 'subscribe', number: 7, procedure: 'gateways.one', input: { clientid: 'b' } },
      who,
    );
    await who.until((message) => message.number === 7);
    await test.manager.registry.update('c', { note: 'of another' });
    await test.manager.registry.update('b', { note: 'seen' });
    await who.until((message) => JSON.stringify(message).includes('"seen"'));
    expect(who.got).to.have.length(2);

    rpcServer.take({ type: 'unsubscribe', number: 7 }, who);
    const other = browser('viewer');
    rpcServer.take(
      { type: 'subscribe', number: 8, procedure: 'gateways.one', input: { clientid: 'b' } },
      other,
    );
    await other.until((message) => message.number === 8);
    other.connected = false;
    const third = browser('viewer');
    rpcServer.take(
      { type: 'subscribe', number: 9, procedure: 'gateways.one', input: { clientid: 'b' } },
      third,
    );
    await third.until((message) => message.number === 9);
    await test.manager.registry.update('b', { note: 'seen by one' });
    await third.until((message) => JSON.stringify(message).includes('seen by one'));
    expect([who.got.length, other.got.length]).to.deep.equal([2, 1]);
  });

  it('tells what is new in a page that is followed, and nothing more to who may not look any more', async () => {
    const [lost, here] = [browser('viewer'), browser('viewer')];
    const input = { search: 'page-', limit: 10 };
    await test.manager.registry.register({ clientid: 'page-1' });
    for (const who of [lost, here]) {
      rpcServer.take(
        { type: 'subscribe', number: 30, procedure: 'gateways.page', input: { limit: 100 } },
        who,
      );
      rpcServer.take({ type: 'subscribe', number: 31, procedure: 'gateways.page', input }, who);
      await who.until(({ number }) => number === 31);
    }
    Object.assign(lost.data, { account: undefined });
    await test.manager.registry.update('page-1', { site: 'Plant 9' });
    const isPatch = ({ type }: WidgetMessage) => type === 'patch';
    const { patch } = (await here.until(isPatch)) as WidgetMessage & { type: 'patch' };
    expect(patch.items).to.have.length(1);
    expect(patch.items[0]).to.include({ clientid: 'page-1', site: 'Plant 9' });
    // What it is searched by may have changed: that page is read as a whole.
    await here.until((message) => message.number === 31 && JSON.stringify(message).includes('Plant 9'));
    for (const number of [30, 31]) {
      const message = await lost.until((told) => told.number === number && told.type === 'refused');
      expect(message).to.include({ code: 'FORBIDDEN' });
    }
    expect(JSON.stringify(lost.got)).not.to.contain('Plant 9');
    // So may the order, in which it goes to another place.
    const sorted = { sort: 'redundancy', descending: true, limit: 1 } as const;
    rpcServer.take({ type: 'subscribe', number: 32, procedure: 'gateways.page', input: sorted }, here);
    await here.until(({ number }) => number === 32);
    await ask(browser('operator'), 'gateways.change', { clientids: ['page-1'], redundancy: ' pumps ' });
    await here.until(
      (message) => message.number === 32 && JSON.stringify(message).includes('"redundancy":"pumps"'),
    );
    await test.manager.retire('page-1');
  });

  it('shows a list page by page, each with what the next one is asked for with', async () => {
    const who = browser('operator');
    for (const clientid of ['p1', 'p2', 'p3']) await test.manager.registry.register({ clientid });
    for (const clientid of ['p1', 'p2', 'p3'])
      await test.manager.commands.submit({
        clientid,
        path: '/device/general',
        method: 'GET',
        requestedBy: 'x',
      });
    for (const [name, input] of [
      ['commands.list', { limit: 2 }],
      ['audit.list', { limit: 2 }],
      ['gateways.page', { limit: 2, sort: 'site' }],
      ['gateways.page', { limit: 2, sort: 'redundancy' }],
    ] as const) {
      const page = async (cursor: object) =>
        ((await ask(who, name, { ...input, ...cursor })) as Answer).value as Page<object>;
      const first = await page({});
      expect(first.items, name).to.have.length(2);
      expect(first.next, name).to.be.a('string');
      const second = await page({ cursor: first.next });
      expect(second.items, name).not.to.be.empty;
      for (const item of second.items) expect(first.items, name).not.to.deep.include(item);
      const whole = ((await ask(who, name, { ...input, limit: 100 })) as Answer).value as Page<object>;
      expect(whole.next, name).to.equal(null);
      expect(whole.items.slice(0, 2), name).to.deep.equal(first.items);
    }
    for (const clientid of ['p1', 'p2', 'p3']) await test.manager.retire(clientid);
  });

  it('keeps back what was read for somebody who may not see it any more', async () => {
    for (const type of ['call', 'subscribe']) {
      const who = browser('operator');
      const arrived = once(asked, 'slow');
      rpcServer.take({ type, number: 10, procedure: 'slow', input: {} }, who);
      await arrived;
      Object.assign(who.data, { account: { id: '1', name: 'otto', fullName: '', role: 'viewer' } });
      finish('a secret');
      const message = await who.until(({ number }) => number === 10);
      expect(message, type).to.include({ type: 'refused', code: 'FORBIDDEN' });
      who.connected = false;
    }
  });

  it('bounds what one browser may follow', async () => {
    const who = browser('viewer');
    for (let count = 100; count < 145; count += 1)
      rpcServer.take({ type: 'subscribe', number: count, procedure: 'fleet.health', input: {} }, who);
    const refused = (await who.until(({ type }) => type === 'refused')) as Refused;
    expect(refused.code).to.equal('BUSY');
  });

  it('hands to the flow what operators tell, and nothing that viewers make up', async () => {
    rpcServer.take({ type: 'emit', message: { payload: 'x' } }, browser('viewer'));
    const operator = browser('operator');
    rpcServer.take({ type: 'emit', message: { payload: 'y' } }, operator);
    await ask(operator, 'people.me', {});
    expect(told.map(({ message, caller }) => [message, caller.name])).to.deep.equal([
      [{ payload: 'y' }, 'a operator'],
    ]);
  });

  it('never keeps or shows a secret in the audit', async () => {
    const who = browser('administrator');
    const { value } = (await ask(who, 'people.create', {
      name: 'otto',
      role: 'viewer',
      password: 'correct horse',
    })) as Answer;
    expect(value).to.deep.include({ password: null });
    await ask(who, 'registration.register', { clientid: 'd', password: 'battery staple' });
    await ask(who, 'registration.import', { text: 'clientid,password\ne,battery staple', format: 'csv' });
    const all = JSON.stringify(await test.manager.audit.list({ limit: 100 }));
    expect(all).to.contain('gateway.import').and.not.to.contain('horse').and.not.to.contain('staple');
    const { id } = await test.manager.catalogue.saveOperation({
      ...{ category: 'Mine', name: 'Join', method: 'GET', path: '/nets/{code}' },
      parameters: [
        { name: 'code', in: 'path', required: true, schema: { type: 'string', format: 'password' } },
        { name: 'word', in: 'query', required: false, schema: { type: 'string', format: 'password' } },
      ],
    });
    const sent = { clientids: ['d'], method: 'GET', path: '/nets/battery-staple?word=horse&x=1' };
    expect(await ask(who, 'commands.send', sent)).to.include({ type: 'answer' });
    const [entry] = await test.manager.audit.list({ action: 'command.send', limit: 1 });
    expect(entry?.detail.path).to.equal('/nets/[redacted]?word=[redacted]&x=1');
    await test.manager.catalogue.removeOperation(id);
    const csv = ((await ask(who, 'audit.export', {})) as Answer).value as {
      text: string;
      next: string | null;
    };
    expect(csv.next).to.equal(null);
    expect(csv.text.split('\r\n')[0]).to.equal(
      '\ufeffat,who,role,address,action,clientid,outcome,reason,detail,accountId,cause,job,door',
    );
  });
});
