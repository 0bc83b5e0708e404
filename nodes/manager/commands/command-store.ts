import type { Risk, RiskClass } from '../catalogue/risk.js';
import type { Database } from '../database/database.js';
import type { Answer } from '../protocol/answer.js';
import type { CheckedRequest } from '../protocol/request.js';
import type { Fault } from '../shared/fault.js';
import type { Reason } from '../shared/reason.js';
import type {
  CommandOutcome,
  CommandQuery,
  CommandRecord,
  CommandState,
  LastAnswer,
  WhenGuarded,
  WhenOffline,
} from './command.js';
import type { LastAnswered } from './last-answered.js';

/** A command that is about to be recorded. */
export interface NewCommand {
  requestId: string;
  clientid: string;
  method: string;
  path: string;
  /** With secrets redacted. */
  requestBody: unknown;
  /** The request as it will be sent; null if the command is refused. */
  pending: CheckedRequest | null;
  whenOffline: WhenOffline;
  whenGuarded: WhenGuarded;
  timeoutMs: number;
  /** ms since the epoch. */
  expiresAt: number;
  requestedBy: string;
  /** Whether this manager would send it at once. The database decides, since another manager may have a command in flight. */
  mayGo: boolean;
  /** Why it is refused, and the state in which it ends; null if it is not refused. */
  refusal: { reason: Reason; code: string; state: 'REJECTED' | 'EXPIRED' } | null;
  /** The id of its operation. */
  operation: string | null;
  risk: Risk;
  classes: readonly RiskClass[];
  faults: readonly Fault[];
  /** The part of a job that it is; null if it belongs to none. */
  execution: string | null;
}

/** The end of a command that is still in the state `from`. */
export interface CommandEnd {
  requestId: string;
  from: 'QUEUED' | 'SENT';
  to: CommandState;
  reason: Reason;
  /** The reason if the gateway's connection has ended since the command was sent; left out: the same. */
  reasonIfCutOff?: Reason;
  code: string;
}

export interface CommandAnswer {
  clientid: string;
  /** Decimal digits. */
  requestId: string;
  answer: Answer;
  reason: Reason | null;
  /** Deviations from the description of the operation, as far as they are known already. */
  faults: readonly Fault[];
  /** ms since the epoch. */
  receivedAt: number;
}

/** What keeps a command from being sent: another command is in flight to the gateway, the gateway is offline, or somebody has stopped it. */
export type Obstacle = 'busy' | 'offline' | 'stopped';

export interface StoredAnswer {
  record: CommandRecord;
  /** False if the answer changed nothing: the command had been answered before, or had ended in a way that no answer changes. */
  fresh: boolean;
}

/** What a command asked for. */
export interface AskedFor {
  path: string;
  operation: string | null;
}

/** A command, and what keeps it from being sent; the obstacle is null if nothing does. */
export interface CommandStanding {
  record: CommandRecord;
  obstacle: Obstacle | null;
  /** Who has stopped it; null unless that is the obstacle. */
  stopped: Reason | null;
}

/** The record of commands in the database. Writes that arrive together share one statement. */
export interface CommandStore {
  /**
   * Records a command and decides its state in the same statement: SENT, QUEUED, REJECTED or EXPIRED. If the gateway has a command of the
   * same execution already, nothing is recorded, and the record of that one is returned.
   */
  insert(command: NewCommand): Promise<CommandRecord>;
  /**
   * Changes a QUEUED command to SENT if its gateway is connected and free, and nobody has stopped what `changes` it. Null if that is not so,
   * or if the command is not QUEUED with this manager any more.
   */
  claim(
    requestId: string,
    changes: boolean,
  ): Promise<{ record: CommandRecord; request: CheckedRequest } | null>;
  /** Notes what a QUEUED command waits for; null if it is not QUEUED any more. */
  noteHeld(requestId: string, reason: Reason): Promise<CommandRecord | null>;
  /** Ends a command; null if it had left the state `from`. */
  end(end: CommandEnd): Promise<CommandRecord | null>;
  /** Stores an answer; null if this client has no such command. */
  answer(answer: CommandAnswer): Promise<StoredAnswer | null>;
  /** Adds faults of the answer to the record; null if there is no such command. */
  addFaults(requestId: string, faults: readonly Fault[]): Promise<CommandRecord | null>;
  get(requestId: string): Promise<CommandRecord | null>;
  outcomes(requestIds: readonly string[]): Promise<CommandOutcome[]>;
  /** The request of a command without its body; concurrent calls share one statement. */
  askedFor(requestId: string): Promise<AskedFor | null>;
  list(query: CommandQuery): Promise<CommandRecord[]>;
  /** The commands to a gateway whose execution begins with `prefix`, oldest first. */
  ofExecution(clientid: string, prefix: string): Promise<CommandRecord[]>;
  /** What a gateway answered last to each of the operations. */
  lastAnswers(clientid: string, operations: readonly LastAnswered[]): Promise<LastAnswer[]>;
  /** Reads the commands of these ids that exist, in any order. */
  read(requestIds: readonly string[]): Promise<CommandRecord[]>;
  /** A command, and the obstacle that keeps it from being sent; null if there is no such command. */
  standing(requestId: string): Promise<CommandStanding | null>;
  /** The request id in flight to a gateway, whichever manager sent it. */
  inFlightTo(clientid: string): Promise<string | null>;
  /**
   * The client ids of gateways for which a queued command of this instance can be sent now, or must be refused since it does not wait for
   * a gateway that is offline.
   */
  ready(): Promise<string[]>;
  /**
   * Takes over the open commands of dead managers, and the queued ones of managers that cannot reach the broker while this one can.
   * Resolves with them, oldest first.
   */
  adopt(): Promise<CommandRecord[]>;
  /** The open commands of this instance, oldest first. */
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
  /** Whether this manager can reach the broker now. */
  canPublish(): boolean;
  /** Called after each write, with its kind, size and duration. */
  onWritten(write: CommandWrite, items: number, ms: number): void;
}

/** The writes that serve many callers at once. */
export type CommandWrite = 'command' | 'claim' | 'end' | 'answer';

/** Whether a text can be a request id of a device manager: decimal digits that fit a bigint. */
export function isRequestId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text);
}
