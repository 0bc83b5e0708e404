import { Socket as TcpSocket } from 'node:net';
import { expect } from 'chai';
import type { Account } from '../../../nodes/manager/accounts/account.js';
import { isSameOrigin } from '../../../nodes/node-red/http/same-origin.js';
import { guardSockets } from '../../../nodes/node-red/login/dashboard-sockets.js';
import { markOwnWidget } from '../../../nodes/node-red/login/own-widgets.js';

type Listener = (packet: unknown[], next: (error?: Error) => void) => void;

/** A socket as the dashboard's server hands it over. */
class Socket {
  readonly handshake = { headers: { host: 'here', origin: 'http://here' } };
  readonly request = { headers: {}, socket: new TcpSocket() };
  readonly conn = { close: () => undefined };
  data: { account?: Account; address?: string | undefined } = {};
  isOpen = true;
  private listener: Listener = () => undefined;

  use(listener: Listener): void {
    this.listener = listener;
  }
  once(): void {}
  disconnect(): void {
    this.isOpen = false;
  }
  /** True when the packet reached the dashboard. */
  sends(...packet: unknown[]): boolean {
    let passed = false;
    this.listener(packet, () => {
      passed = true;
    });
    return passed;
  }
}

describe('dashboard: sockets', () => {
  const refused: object[] = [];
  let account: Account | null;
  const guard = guardSockets({
    accountOf: () => account,
    ownPassword: () => ({ place: () => 'here', change: async () => undefined }),
    isOwnPage: ({ headers }) => isSameOrigin(headers),
    addressOf: () => '10.0.0.1',
    onRefused: (who, address, detail) => refused.push({ who: who.name, address, ...detail }),
  });

  beforeEach(() => {
    account = { id: '1', name: 'vera', fullName: '', role: 'viewer' };
    refused.length = 0;
  });

  const open = (): Socket => {
    const socket = new Socket();
    let error: Error | undefined;
    guard.middleware(socket, (given) => {
      error = given;
    });
    expect(error).to.equal(undefined);
    return socket;
  };

  it('take from viewers what they ask of our widgets, and nothing that starts something elsewhere', () => {
    const socket = open();
    const unmark = markOwnWidget('ours');
    expect(socket.sends('widget-load', 'foreign')).to.equal(true);
    expect(socket.sends('widget-change', 'ours', {})).to.equal(true);
    expect(socket.sends('widget-action', 'foreign', { payload: 1 })).to.equal(false);
    for (const event of ['widget-change', 'widget-send', 'ui-control', 'anything'])
      expect(socket.sends(event, 'foreign', {}), event).to.equal(false);
    unmark();
    expect(socket.sends('widget-change', 'ours', {})).to.equal(false);
    // One a second at most.
    expect(refused).to.deep.equal([
      { who: 'vera', address: '10.0.0.1', event: 'widget-action', widget: 'foreign' },
    ]);
  });

  it('follow the role of now, and end with the session', () => {
    const socket = open();
    expect(socket.sends('widget-action', 'foreign', {})).to.equal(false);
    account = { id: '1', name: 'vera', fullName: '', role: 'operator' };
    guard.sweep();
    expect(socket.sends('widget-action', 'foreign', {})).to.equal(true);
    account = null;
    guard.sweep();
    expect(socket.isOpen).to.equal(false);
  });
});
