import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { PROJECT_ROOT } from './node-red-process.js';

/** Null where Chromium is not installed. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync) ?? null;

/** For people to look at; git ignores it. */
export const PICTURES = join(PROJECT_ROOT, 'coverage/screenshots');

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the system's Chromium. `host`: a name by which it finds this machine, as browsers elsewhere find a server by its name. */
export function launchChromium({ host }: { host?: string } = {}): Promise<Browser> {
  const args = host === undefined ? SWITCHES : [...SWITCHES, `--host-resolver-rules=MAP ${host} 127.0.0.1`];
  return chromium.launch({ executablePath: CHROMIUM ?? undefined, args });
}
