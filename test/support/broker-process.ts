import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credential } from '../../nodes/manager/registry/device.js';
import type { BrokerCall, BrokerReply } from './broker-process-child.js';
import { SERVER_CERTIFICATE, SERVER_KEY } from './certificates.js';
import { copyEmptyDatabase } from './embedded-template.js';
import { temporaryFolder } from './node-red-process.js';

/** A device manager with an embedded broker, in a process of its own whose memory can be looked at. */
export interface BrokerProcess {
  readonly ports: { tcp: number; tls: number; webSocket: number };
  register(clientid: string): Promise<Credential>;
  /** The state in which a command to it ended. */
  command(clientid: string): Promise<string>;
  status(clientid: string): Promise<{ status: string; warning: string | null }>;
  /** What the process takes of memory now, MB; waits for its turn like everything else there. */
  memory(): Promise<number>;
  /** What it logged. */
  log(): Promise<string[]>;
  stop(): Promise<void>;
}

const MB = 1024 * 1024;

/** Starts one with a database in memory and listeners on TCP, TLS and WebSocket. */
export async function startBroker(heapMb = 256): Promise<BrokerProcess> {
  const folder = temporaryFolder();
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certFile, SERVER_CERTIFICATE);
  writeFileSync(keyFile, SERVER_KEY);
  await copyEmptyDatabase(join(folder, 'database'));
  const child = fork(join(__dirname, 'broker-process-child.js'), [folder, certFile, keyFile], {
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const ask = caller(child);
  const { ports } = await ask({ what: 'open' });
  return {
    ports: ports!,
    register: async (clientid) => (await ask({ what: 'register', clientid })).credential!,
    command: async (clientid) => (await ask({ what: 'command', clientid })).state!,
    status: async (clientid) => (await ask({ what: 'status', clientid })).device!,
    memory: async () => (await ask({ what: 'memory' })).bytes! / MB,
    log: async () => (await ask({ what: 'log' })).log!,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function caller(child: ChildProcess): (call: BrokerCall) => Promise<BrokerReply> {
  let last = 0;
  return (call) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const ended = (code: number | null, signal: string | null) =>
        settle(() => reject(new Error(`the broker's process ended (${code ?? signal})`)));
      const heard = (message: { id: number; reply: BrokerReply }) => {
        if (message.id !== id) return;
        settle(() => {
          if (message.reply.fault === undefined) resolve(message.reply);
          else reject(new Error(message.reply.fault));
        });
      };
      const settle = (end: () => void) => {
        child.off('message', heard).off('exit', ended);
        end();
      };
      child.setMaxListeners(0).on('message', heard).once('exit', ended);
      child.send({ id, call });
    });
}
