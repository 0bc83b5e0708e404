import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One request as a running EMQX sent it. */
export interface RecordedWebhook {
  headers: Record<string, string>;
  /** The exact text. */
  body_raw: string;
}

export type EmqxVersion = '4.4.19' | '5.0.26';
export const EMQX_VERSIONS: readonly EmqxVersion[] = ['4.4.19', '5.0.26'];

const FOLDER = join(rootAbove(__dirname), 'test/fixtures/emqx');

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** `client_connected` gives webhook-client_connected.json of that version. */
export function recordedWebhook(version: EmqxVersion, name: string): RecordedWebhook {
  return read(version, `webhook-${name}`) as RecordedWebhook;
}

/** All webhooks of a scenario in order of arrival; with scenarios such as `takeover_same_clientid_clean`. */
export function recordedScenario(version: EmqxVersion, scenario: string): RecordedWebhook[] {
  const found = recordedScenarios(version)[scenario];
  if (found === undefined) throw new Error(`no scenario ${scenario} of EMQX ${version}`);
  return found.requests;
}

export function recordedScenarios(version: EmqxVersion): Record<string, { requests: RecordedWebhook[] }> {
  return read(version, 'webhook-scenarios') as Record<string, { requests: RecordedWebhook[] }>;
}

function read(version: EmqxVersion, name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, version, `${name}.json`), 'utf8'));
}
