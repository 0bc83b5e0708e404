import { join } from 'node:path';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import type { Credential } from '../../nodes/manager/registry/device.js';
import { messageOf } from '../../nodes/manager/shared/tpe-error.js';
import { patience } from './patience.js';

/** What the process of broker-process.ts is asked. */
export type BrokerCall =
  | { what: 'open' | 'memory' | 'log' }
  | { what: 'register' | 'command' | 'status'; clientid: string };

export interface BrokerReply {
  fault?: string;
  ports?: { tcp: number; tls: number; webSocket: number };
  credential?: Credential;
  state?: string;
  device?: { status: string; warning: string | null };
  bytes?: number;
  log?: string[];
}

const [folder = '', certFile = '', keyFile = ''] = process.argv.slice(2);
const log: string[] = [];
let manager: DeviceManager;

async function open(): Promise<BrokerReply> {
  manager = await openDeviceManager({
    database: { kind: 'embedded', folder: join(folder, 'database') },
    broker: { kind: 'embedded', port: 0, tls: { port: 0, certFile, keyFile }, webSocket: { port: 0 } },
    instance: 'flooded',
    // What a gateway that left did not answer must not hold up the next command for long.
    commandTimeoutMs: patience(20_000),
    log: { info: (text) => void log.push(text), warn: (text) => void log.push(text) },
  });
  const [tcp, tls, webSocket] = manager.broker
    .health()
    .detail.split(', ')
    .map((place) => Number(/:(\d+)$/.exec(place)?.[1]));
  return { ports: { tcp: tcp!, tls: tls!, webSocket: webSocket! } };
}

async function answer(call: BrokerCall): Promise<BrokerReply> {
  switch (call.what) {
    case 'open':
      return open();
    case 'memory':
      return { bytes: process.memoryUsage.rss() };
    case 'log':
      return { log };
    case 'register':
      return { credential: (await manager.registry.register({ clientid: call.clientid })).credential };
    case 'status': {
      const device = await manager.registry.get(call.clientid);
      return device === null ? { fault: 'no such gateway' } : { device };
    }
    case 'command': {
      const { clientid } = call;
      const request = { method: 'GET', path: '/device/general', requestedBy: 'test', clientid } as const;
      return { state: (await manager.commands.send(request)).state };
    }
  }
}

process.on('message', ({ id, call }: { id: number; call: BrokerCall }) => {
  void answer(call)
    .catch((error: unknown): BrokerReply => ({ fault: messageOf(error) }))
    .then((reply) => process.send?.({ id, reply }));
});
