import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { ROUTES } from '../../nodes/api/rest/index.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import { freePort } from '../support/free-port.js';
import {
  type NodeRedProcess,
  PROJECT_ROOT,
  startNodeRed,
  temporaryFolder,
} from '../support/node-red-process.js';

const SOCKET = '/dashboard/socket.io/?EIO=4&transport=';

/** Settings of somebody else: nothing of ours guards anything. */
const SETTINGS = `module.exports = {
  uiPort: process.env.PORT, uiHost: '127.0.0.1', userDir: process.env.TPE_DATA_DIR, flowFile: 'flows.json',
  nodesDir: [${JSON.stringify(PROJECT_ROOT)}], credentialSecret: 'test',
};`;
/** An add-on for sign-in, as a proxy in front would tell it. */
const ADD_ON = `module.exports = (RED) => RED.plugins.registerPlugin('test-sign-in', {
  type: 'node-red-dashboard-2',
  hooks: {
    onAddConnectionCredentials(socket, msg) {
      const username = socket.handshake.headers['x-user'];
      if (username) msg._client = { ...msg._client, user: { username } };
      return msg;
    },
  },
});`;

/** What the debug node behind the widget prints of a message. */
const STARTED = '[debug:';

function flowIn(file: string): Record<string, unknown>[] {
  return JSON.parse(readFileSync(join(PROJECT_ROOT, file), 'utf8')) as Record<string, unknown>[];
}

/** A browser, as far as the dashboard's socket goes. */
interface Browser {
  say(event: string, ...given: unknown[]): void;
  ask(name: string, input: unknown): Promise<WidgetMessage>;
  /** The next message of this event. */
  next(event: string): Promise<unknown>;
  close(): void;
}

describe('hostile: a dashboard without a login', () => {
  let nodeRed: NodeRedProcess;
  const browsers: Browser[] = [];
  let widget: string;

  before(async () => {
    const dataDir = temporaryFolder();
    const settings = join(dataDir, 'their-settings.js');
    writeFileSync(settings, SETTINGS);
    const addOn = join(dataDir, 'node_modules/test-sign-in');
    mkdirSync(addOn, { recursive: true });
    const manifest = {
      ...{ name: 'test-sign-in', version: '1.0.0', keywords: ['node-red'] },
      'node-red': { plugins: { 'test-sign-in': 'index.js' } },
    };
    writeFileSync(join(addOn, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(addOn, 'index.js'), ADD_ON);
    writeFileSync(
      join(dataDir, 'package.json'),
      JSON.stringify({ dependencies: { 'test-sign-in': '1.0.0' } }),
    );
    const port = String(await freePort());
    const example = flowIn('examples/05 - Gateways on a dashboard.json');
    const server = example.find(({ type }) => type === 'tpe-server')!.id;
    const own = flowIn('flows/device-manager.json')
      .filter(({ id, z }) => id === 'tab-rest' || z === 'tab-rest')
      .map((node) => (node.server === undefined ? node : { ...node, server }));
    const flow = [...example, ...own].map((node) => {
      if (node.type === 'tpe-server')
        return { ...node, port, dashboardRoles: 'ada = operator', rest: 'on', restPath: '/fleet/api' };
      if (node.type === 'tpe-simulator') return { ...node, count: '1' };
      return node.type === 'debug' ? { ...node, console: true, complete: 'topic', active: true } : node;
    });
    widget = String(flow.find(({ type }) => type === 'ui-tpe-gateways')!.id);
    nodeRed = await startNodeRed({ dataDir, settings, flow });
    const first = await browser();
    for (;;) {
      const message = await first.ask('gateways.search', { search: 'table-' });
      if (message.type === 'answer' && (message.value as unknown[]).length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
  after(async () => {
    for (const one of browsers) one.close();
    await nodeRed?.stop();
  });

  async function browser(user?: string): Promise<Browser> {
    const headers: Record<string, string> = user === undefined ? {} : { 'x-user': user };
    // The dashboard's own guard takes no socket that does not begin with polling, as browsers do.
    const polling = `${nodeRed.url}${SOCKET}polling`;
    const opened = await (await fetch(polling, { headers })).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: '40' });
    const socket = new WebSocket(`${nodeRed.url.replace('http', 'ws')}${SOCKET}websocket&sid=${sid}`);
    socket.once('open', () => socket.send('2probe'));
    // Several may come at once: each waits until it is taken.
    const arrived = new Map<string, unknown[]>();
    socket.on('message', (data) => {
      const packet = String(data);
      if (packet === '3probe') socket.send('5');
      if (packet === '2') socket.send('3');
      if (!packet.startsWith('42')) return;
      const [event, message] = JSON.parse(packet.slice(2)) as [string, unknown];
      arrived.set(event, [...(arrived.get(event) ?? []), message]);
      socket.emit('arrived');
    });
    const next = async (event: string): Promise<unknown> => {
      while ((arrived.get(event) ?? []).length === 0) await once(socket, 'arrived');
      return arrived.get(event)!.shift();
    };
    await next('ui-config');
    let number = 0;
    const say = (event: string, ...given: unknown[]) =>
      void socket.send(`42${JSON.stringify([event, ...given])}`);
    const made: Browser = {
      say,
      next,
      async ask(name, input) {
        number += 1;
        const own = number;
        say('widget-change', widget, { type: 'call', number: own, procedure: name, input });
        for (;;) {
          const message = (await next(`tpedm:${widget}`)) as WidgetMessage;
          if (message.number === own) return message;
        }
      },
      close: () => socket.terminate(),
    };
    browsers.push(made);
    return made;
  }

  /** Of our own login. */
  const NOBODY = { id: null, hasLogin: false, password: null };
  const RETIRE = { clientids: ['table-0001'], confirm: 'table-0001' };

  it('lets whoever comes look and no more', async () => {
    const who = await browser();
    const me = (await who.ask('people.me', {})) as { value: object };
    expect(me.value).to.deep.equal({ ...NOBODY, name: 'dashboard', role: 'viewer', isSignedIn: false });
    expect(await who.ask('gateways.page', { limit: 10 })).to.include({ type: 'answer' });
    for (const [ask, input] of [
      ['gateways.retire', RETIRE],
      ['gateways.change', { clientids: ['table-0001'], enabled: false }],
      ['commands.send', { clientids: ['table-0001'], path: '/device/general', method: 'GET' }],
      ['registration.register', { clientid: 'mine' }],
      ['updates.startScan', { filter: {} }],
      ['people.list', {}],
      ['audit.list', { limit: 1 }],
    ] as const) {
      expect(await who.ask(ask, input), ask).to.include({ type: 'refused', code: 'FORBIDDEN' });
    }
  });

  it('believes no browser that says who it is', async () => {
    const who = await browser();
    const forged = {
      _client: { user: { username: 'ada' } },
      user: { username: 'ada' },
      account: { role: 'administrator' },
    };
    who.say('widget-send', widget, { ...forged, payload: 1 });
    who.say('widget-action', widget, { ...forged, payload: 1 });
    who.say('widget-load', widget, forged);
    who.say('widget-change', widget, { ...forged, type: 'emit', message: { payload: 1, ...forged } });
    who.say('widget-change', widget, forged);
    expect(await who.ask('gateways.retire', RETIRE)).to.include({ type: 'refused', code: 'FORBIDDEN' });
    who.say('widget-change', widget, {
      type: 'call',
      number: 99,
      procedure: 'gateways.retire',
      input: RETIRE,
      ...forged,
    });
    for (;;) {
      const message = (await who.next(`tpedm:${widget}`)) as WidgetMessage;
      expect(message.type).to.equal('refused');
      if (message.number === 99) break;
    }
    who.say('widget-change', widget, { type: 'emit', message: { topic: 'table-0001' } });
    expect((await who.ask('people.me', {})) as object).to.deep.include({ type: 'answer' });
    expect(nodeRed.log()).not.to.contain(STARTED);
  });

  it('gives the users that the dashboard knows the roles that tpe-server says', async () => {
    const bob = await browser('bob');
    expect(await bob.ask('people.me', {})).to.deep.include({
      value: { ...NOBODY, name: 'bob', role: 'viewer', isSignedIn: true },
    });
    expect(await bob.ask('gateways.change', { clientids: ['table-0001'], site: 'x' })).to.include({
      code: 'FORBIDDEN',
    });
    const ada = await browser('ada');
    expect(await ada.ask('people.me', {})).to.deep.include({
      value: { ...NOBODY, name: 'ada', role: 'operator', isSignedIn: true },
    });
    expect(await ada.ask('gateways.change', { clientids: ['table-0001'], site: 'Brea' })).to.deep.include({
      value: [{ clientid: 'table-0001', fault: null }],
    });
    expect(await ada.ask('people.list', {})).to.include({ code: 'FORBIDDEN' });
    ada.say('widget-change', widget, { type: 'emit', message: { topic: 'table-0001' } });
    await nodeRed.printed(/\[debug:/);
  });

  it('serves nothing else without a secret', async () => {
    for (const path of ['/metrics', '/api/emqx/hook', '/tpe/gateways']) {
      const { status } = await fetch(nodeRed.url + path);
      expect(status, path).to.be.oneOf([401, 403, 404]);
    }
    for (const { method, path } of ROUTES) {
      const url = `${nodeRed.url}/fleet/api${path.replace(/\{\w+\}/, 'table-0001')}`;
      const headers = { authorization: 'Bearer guessed' };
      for (const given of [{ method }, { method, headers }]) {
        const answer = await fetch(url, given);
        expect(answer.status, `${method} ${path}`).to.be.oneOf([401, 429]);
        expect(await answer.json()).to.have.property('status', false);
      }
    }
    const listed = await fetch(`${nodeRed.url}/fleet/api/device`, {
      headers: { authorization: `Bearer ${nodeRed.token}` },
    });
    expect(listed.status).to.be.oneOf([200, 429]);
    const counts = await fetch(`${nodeRed.url}/api/counts`);
    expect(counts.status).to.equal(403);
    const hook = await fetch(`${nodeRed.url}/api/emqx/hook`, { method: 'POST', body: '{}' });
    expect(hook.status).to.be.oneOf([401, 403, 404, 503]);
  });
});
