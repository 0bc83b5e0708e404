import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type EmqxOptions, startEmqx } from '../support/emqx/index.js';
import { cpuOf } from './cpu.js';

/** What the process is told to do. */
interface Order {
  do: 'come' | 'go';
  clientids: string[];
  perSecond?: number;
}

/** Epoch ms of the first connect and of the last one's acknowledgement. */
export interface Stormed {
  from: number;
  to: number;
}

const PROFILE = JSON.stringify({
  data: {
    type: 'general',
    hostName: 'Moxa',
    modelName: 'UC-8112A-ME-T-LX',
    serialNumber: 'TBAFB1040001',
    thingsproVersion: '2.2.1-1000',
    firmwareVersion: '1.3',
  },
});

/** EMQX's stand-in and its gateways, in a process of their own, so that what they cost is not taken from who is measured. */
export interface StormBroker {
  apiUrl: string;
  /** Resolves when the last of them has its acknowledgement; its webhook may still be on its way. */
  come(clientids: string[], perSecond?: number): Promise<Stormed>;
  go(clientids: string[]): Promise<Stormed>;
  /** The CPU that it had so far, ms. */
  cpu(): number;
  close(): Promise<void>;
}

export async function startStormBroker(options: EmqxOptions): Promise<StormBroker> {
  const child = fork(__filename, [JSON.stringify(options)]);
  const answer = async <T>() => (await once(child, 'message'))[0] as T;
  const { apiUrl } = await answer<{ apiUrl: string }>();
  const order = (what: Order) => {
    child.send(what);
    return answer<Stormed>();
  };
  return {
    apiUrl,
    come: (clientids, perSecond) => order({ do: 'come', clientids, perSecond }),
    go: (clientids) => order({ do: 'go', clientids }),
    cpu: () => cpuOf(child.pid ?? 0),
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The answer of a gateway that is asked what it is. */
function profileFor(request: Buffer): Buffer {
  const { headers } = JSON.parse(request.toString()) as { headers: Record<string, string>[] };
  const requestId = headers.find((header) => header['request-id'] !== undefined)?.['request-id'];
  return Buffer.from(JSON.stringify({ 'request-id': requestId, state: 200, payload: PROFILE }));
}

async function serve(): Promise<void> {
  const emqx = await startEmqx(JSON.parse(process.argv[2] ?? '') as EmqxOptions);
  process.on('message', async ({ do: what, clientids, perSecond }: Order) => {
    const from = Date.now();
    if (what === 'come') await emqx.addClients(clientids, { perSecond, answer: profileFor });
    else await emqx.removeClients(clientids);
    process.send?.({ from, to: Date.now() } satisfies Stormed);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ apiUrl: emqx.apiUrl });
}

if (require.main === module && process.send) void serve();
