import { join } from 'node:path';
import type { FromSchema } from 'json-schema-to-ts';
import { readPrivateFile, writePrivateFile } from '../../manager/accounts/private-file.js';
import { guard } from '../../manager/shared/guard.js';
import { BUNDLED_FLOWS } from './environment.js';

/** Name of the file next to the flow file. */
const FILE = 'bundled-flow.json';

const SCHEMA = {
  type: 'object',
  properties: {
    /** The name of the bundled flow. */
    flow: { enum: BUNDLED_FLOWS },
    /** The version of the pack that it came with. */
    version: { type: 'string' },
    hash: { type: 'string' },
    /** Keys of its parts. If the flow lacks one of them, a person has removed it. */
    parts: { type: 'array', items: { type: 'string' } },
  },
  required: ['flow', 'version', 'hash', 'parts'],
} as const;

/** Which bundled flow was copied into the data folder last. */
export type FlowRecord = FromSchema<typeof SCHEMA>;

const isRecord = guard<FlowRecord>(SCHEMA);

/** Reads the record in a data folder. Null if it is missing, as in data folders from before there were records, or not readable. */
export function readFlowRecord(folder: string): FlowRecord | null {
  try {
    const record: unknown = JSON.parse(readPrivateFile(join(folder, FILE)) ?? 'null');
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}

/** Writes the record into a data folder. Throws the errors of the file system. */
export function writeFlowRecord(folder: string, record: FlowRecord): void {
  writePrivateFile(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
}
