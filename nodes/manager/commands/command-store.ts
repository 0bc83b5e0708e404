import type { Risk, RiskClass } from '../catalogue/risk.js';
import type { Database } from '../database/database.js';
import type { Answer } from '../protocol/answer.js';
import type { CheckedRequest } from '../protocol/request.js';
import type { Fault } from '../shared/fault.js';
import type { CommandQuery, CommandRecord, CommandState, WhenOffline } from './command.js';

/** A command on its way into the record. */
export interface NewCommand {
  requestId: string;
  clientid: string;
  method: string;
  path: string;
  /** Redacted. */
  requestBody: unknown;
  /** As it is to be sent; null when it is refused. */
  pending: CheckedRequest | null;
  whenOffline: WhenOffline;
  timeoutMs: number;
  /** ms since the epoch. */
  expiresAt: number;
  requestedBy: string;
  /** Nothing else is in flight to this gateway, so it may go at once. */
  mayGo: boolean;
  /** Why it is not sent; `state` is how it ends. */
  refusal: { reason: string; code: string; state: 'REJECTED' | 'EXPIRED' } | null;
  /** The id of its operation. */
  operation: string | null;
  risk: Risk;
  classes: readonly RiskClass[];
  faults: readonly Fault[];
}

/** The end of a command that is still in the state `from`. */
export interface CommandEnd {
  requestId: string;
  from: 'QUEUED' | 'SENT';
  to: CommandState;
  reason: string;
  code: string;
}

export interface CommandAnswer {
  clientid: string;
  /** Decimal digits. */
  requestId: string;
  answer: Answer;
  reason: string | null;
  /** Where it is not as described, as far as that is known already. */
  faults: readonly Fault[];
  /** ms since the epoch. */
  receivedAt: number;
}

/** Another command is in flight to the gateway, or the gateway is away. */
export type Obstacle = 'busy' | 'offline';

export interface StoredAnswer {
  record: CommandRecord;
  /** False when the command had been answered, or had ended otherwise, before. */
  fresh: boolean;
}

/** Where a command went. */
export interface AskedFor {
  path: string;
  operation: string | null;
}

/** A command, and what keeps it from being sent; null: nothing does. */
export interface CommandStanding {
  record: CommandRecord;
  obstacle: Obstacle | null;
}

/** The record of commands in the database; each write is one statement for all that come together. */
export interface CommandStore {
  /** Decides its state in the same statement: SENT, QUEUED or REJECTED. */
  insert(command: NewCommand): Promise<CommandRecord>;
  /** QUEUED becomes SENT if its gateway is connected and free; null when it is not, or the command is not ours to send. */
  claim(requestId: string): Promise<{ record: CommandRecord; request: CheckedRequest } | null>;
  /** Null when it had left the state `from`. */
  end(end: CommandEnd): Promise<CommandRecord | null>;
  /** Null when there is no such command of this client. */
  answer(answer: CommandAnswer): Promise<StoredAnswer | null>;
  /** Adds faults of the answer to the record; null when there is no such command. */
  addFaults(requestId: string, faults: readonly Fault[]): Promise<CommandRecord | null>;
  get(requestId: string): Promise<CommandRecord | null>;
  /** The request of a command without its body; concurrent calls share one statement. */
  askedFor(requestId: string): Promise<AskedFor | null>;
  list(query: CommandQuery): Promise<CommandRecord[]>;
  /** Those of these that exist, in any order. */
  read(requestIds: readonly string[]): Promise<CommandRecord[]>;
  /** A command, and the obstacle that keeps it from being sent; null if there is no such command. */
  standing(requestId: string): Promise<CommandStanding | null>;
  /** The request id in flight to a gateway, whichever manager sent it. */
  inFlightTo(clientid: string): Promise<string | null>;
  /** Client ids of gateways for which something of this instance waits that could be sent now. */
  ready(): Promise<string[]>;
  /** Takes over QUEUED and SENT of managers that are dead; resolves with them, oldest first. */
  adopt(): Promise<CommandRecord[]>;
  /** QUEUED and SENT of this instance, oldest first. */
  open(): Promise<CommandRecord[]>;
  /** The number of items that wait for the database, by kind of write. */
  waiting(): Record<CommandWrite, number>;
  close(): Promise<void>;
}

export interface CommandStoreOptions {
  database: Database;
  instance: string;
  /** Whether an offline presence can be trusted. */
  knowsPresence(): boolean;
  /** Whether we can send now. */
  canPublish(): boolean;
  /** Called after each write, with its kind, size and duration. */
  onWritten(write: CommandWrite, items: number, ms: number): void;
}

/** The writes that serve many callers at once. */
export type CommandWrite = 'command' | 'claim' | 'end' | 'answer';

/** Whether a text can be one of our request ids: decimal digits that fit a bigint. */
export function isRequestId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text);
}
