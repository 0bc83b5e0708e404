import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.js';
import { freePort } from '../../support/free-port.js';

const MOSQUITTO = '/usr/sbin/mosquitto';

/** Whom it lets in. */
export const LOGIN = { username: 'tpedm', password: 'correct horse' };

/** A real Mosquitto, which keeps its sessions over a restart. */
export interface Mosquitto {
  url: string;
  port: number;
  tlsPort: number;
  caFile: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Says so where it is not. */
export function isInstalled(): boolean {
  if (existsSync(MOSQUITTO)) return true;
  console.log('      mosquitto is not installed: skipped');
  return false;
}

export async function openMosquitto(): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'tpe-mosquitto-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const inFolder = (name: string) => join(folder, name);
  writeFileSync(inFolder('cert.pem'), SERVER_CERTIFICATE);
  writeFileSync(inFolder('key.pem'), SERVER_KEY);
  writeFileSync(inFolder('ca.pem'), CA_CERTIFICATE);
  execFileSync('mosquitto_passwd', ['-b', '-c', inFolder('passwords'), LOGIN.username, LOGIN.password]);
  const lines = [
    'per_listener_settings false',
    'allow_anonymous false',
    `password_file ${inFolder('passwords')}`,
    'set_tcp_nodelay true',
    'persistence true',
    `persistence_location ${folder}/`,
    // Run by root it would change to its own user, who may not read this folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    `listener ${port} 127.0.0.1`,
    `listener ${tlsPort} 127.0.0.1`,
    `certfile ${inFolder('cert.pem')}`,
    `keyfile ${inFolder('key.pem')}`,
  ];
  writeFileSync(inFolder('mosquitto.conf'), `${lines.join('\n')}\n`);
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    const child = spawn(MOSQUITTO, ['-c', inFolder('mosquitto.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (text) => {
      complaint += text;
    });
    server = child;
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`mosquitto did not start: ${complaint}`);
    }
  }

  async function stop(): Promise<void> {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    tlsPort,
    caFile: inFolder('ca.pem'),
    start,
    stop,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 20));
  });
}
