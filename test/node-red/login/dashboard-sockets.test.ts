import { Socket as TcpSocket } from 'node:net';
import { expect } from 'chai';
import type { Account } from '../../../nodes/manager/accounts/account.js';
import { isSameOrigin } from '../../../nodes/node-red/http/same-origin.js';
import { guardSockets } from '../../../nodes/node-red/login/dashboard-sockets.js';
import type { TextPacket } from '../../../nodes/node-red/login/message-bounds.js';
import { markOwnWidget } from '../../../nodes/node-red/login/own-widgets.js';

type Listener = (packet: unknown[], next: (error?: Error) => void) => void;

/** A socket as the dashboard's server hands it over. */
class Socket {
  readonly handshake = { headers: { host: 'here', origin: 'http://here' } };
  readonly request = { headers: {}, socket: new TcpSocket() };
  /** What reached the parser of socket.io. */
  readonly parsed: unknown[] = [];
  readonly got: unknown[] = [];
  isConnected = true;
  private readonly packets: ((packet: TextPacket) => void)[] = [];
  readonly conn = {
    close: () => {
      this.isConnected = false;
    },
    on: (_event: 'packet', listener: (packet: TextPacket) => void) => this.packets.push(listener),
  };
  data: { account?: Account; address?: string | undefined } = {};
  isOpen = true;
  private listener: Listener = () => undefined;

  emit(event: string, message: unknown): void {
    this.got.push([event, message]);
  }
  /** As engine.io does: it reads the text after all listeners. */
  receives(text: string): void {
    const packet: TextPacket = { type: 'message', data: text };
    for (const listener of this.packets) listener(packet);
    this.parsed.push(packet.data);
  }
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
    const unmark = markOwnWidget('ours', () => undefined);
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

  it('have no message parsed that no page sends: ours refuse it in words, for another the connection ends', () => {
    const socket = open();
    const refusals: unknown[] = [];
    const unmark = markOwnWidget('ours', (to, number, why) => refusals.push([to === socket, number, why]));
    const call = (input: string, number = '"number":7,') =>
      `2["widget-change","ours",{"type":"call",${number}"procedure":"commands.check","input":${input}}]`;
    const sound = [
      call(`[${'1,'.repeat(40_000)}1]`),
      call('"[[[[{{{{,,,,::::"'),
      '2["widget-load","ours"]',
      '3',
    ];
    for (const text of sound) socket.receives(text);
    expect(socket.parsed).to.deep.equal(sound);
    expect(refusals).to.deep.equal([]);

    socket.receives(call(`[${'{},'.repeat(60_000)}1]`));
    socket.receives(call('['.repeat(200_000)));
    socket.receives(call(`[${'{"a":1},'.repeat(30_000)}1]`, ''));
    expect(refusals).to.deep.equal([
      [true, 7, 'has more than 50000 values'],
      [true, 7, 'is nested deeper than 64 levels'],
      [true, null, 'has more than 50000 values'],
    ]);
    expect(socket.parsed.slice(sound.length)).to.deep.equal(Array(3).fill('2["tpedm-refused"]'));
    expect(socket.isConnected).to.equal(true);
    unmark();

    socket.receives(call('['.repeat(200_000)));
    expect(refusals).to.have.length(3);
    expect(socket.isConnected).to.equal(false);
  });
});
