import { join } from 'node:path';
import type { FromSchema } from 'json-schema-to-ts';
import { readPrivateFile, writePrivateFile } from '../../manager/accounts/private-file.js';
import { guard } from '../../manager/shared/guard.js';
import { BUNDLED_FLOWS } from './environment.js';

/** Beside the flow file. */
const FILE = 'bundled-flow.json';

const SCHEMA = {
  type: 'object',
  properties: {
    /** The name of the bundled flow. */
    flow: { enum: BUNDLED_FLOWS },
    /** The pack that it came with. */
    version: { type: 'string' },
    hash: { type: 'string' },
    /** What it had: who lacks some of it has taken it out. */
    parts: { type: 'array', items: { type: 'string' } },
  },
  required: ['flow', 'version', 'hash', 'parts'],
} as const;

/** Which bundled flow was copied into the data folder last. */
export type FlowRecord = FromSchema<typeof SCHEMA>;

const isRecord = guard<FlowRecord>(SCHEMA);

/** Null where there is none, as in a data folder of before there were records, or none that can be read. */
export function readFlowRecord(folder: string): FlowRecord | null {
  try {
    const record: unknown = JSON.parse(readPrivateFile(join(folder, FILE)) ?? 'null');
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}

/** Throws as the file system does. */
export function writeFlowRecord(folder: string, record: FlowRecord): void {
  writePrivateFile(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
}
