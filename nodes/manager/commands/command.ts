import type { Rating, Risk, RiskClass } from '../catalogue/risk.js';
import type { Answer } from '../protocol/answer.js';
import type { Fault } from '../shared/fault.js';
import type { Cause } from '../shared/reason.js';
import type { DoorChoice } from './asked-by.js';
import type { LastAnswered } from './last-answered.js';

export const COMMAND_STATES = [
  'QUEUED',
  'SENT',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'REJECTED',
  'EXPIRED',
  'CANCELED',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** The ends that are not what was wanted. An index has them in this order. */
export const BAD_ENDS: readonly CommandState[] = ['FAILED', 'TIMED_OUT', 'REJECTED', 'EXPIRED', 'CANCELED'];

/** How to handle a command whose gateway is not connected. */
export const WHEN_OFFLINE = ['fail', 'queue'] as const;
export type WhenOffline = (typeof WHEN_OFFLINE)[number];

/** How to handle a command that would disturb a gateway while others of its set, site, model or fleet are disturbed, or while it is stopped. */
export const WHEN_GUARDED = ['fail', 'queue'] as const;
export type WhenGuarded = (typeof WHEN_GUARDED)[number];

/** How to handle a body that does not match the schema of its operation. `warn` sends it, since a schema may be wrong for a firmware. */
export const CHECKS = ['refuse', 'warn'] as const;
export type Check = (typeof CHECKS)[number];

/** A command for one gateway, as callers give it: by an operation of the catalogue, or by path and method. */
export interface CommandRequest {
  clientid: string;
  /** The id of an operation. */
  operation?: string;
  /** The values of the operation's parameters by name. */
  params?: unknown;
  /** The path without `/api/v1`, such as `/device/general`; it may have a query. */
  path?: string;
  /** GET, POST, PUT, PATCH or DELETE; any case. */
  method?: string;
  /** Default `refuse`. */
  check?: Check;
  /** A JSON object or array; `{}` if left out. */
  requestBody?: unknown;
  /**
   * Headers of a TPE request, as a list of objects with one header each or as one object: `request-expired-time`
   * (`YYYY-MM-DD HH:MM:SS`, UTC, or ISO 8601) is its deadline, and replaces `queueForMs` if that is left out. Other headers are not sent.
   */
  headers?: unknown;
  /** How long to wait for the answer once the command is sent, 1000..3600000 ms. Default: that of the manager. */
  timeoutMs?: number;
  /** Default `fail`. */
  whenOffline?: WhenOffline;
  /** Default `fail`: it is refused, and its reason says who holds the slot or who stopped it. `queue` waits for at most `queueForMs`. */
  whenGuarded?: WhenGuarded;
  /** How long the command may wait until it can be sent, 1000..604800000 ms. Default: that of the manager. */
  queueForMs?: number;
  /** The risk that was confirmed. The command is refused if its operation was changed since then and its risk is higher now. */
  rated?: Rating;
  /** The requester, for the record: a user name, a node's name, `REST`. */
  requestedBy?: string;
  /**
   * The part of a job that it is, as executionKey makes it. A gateway gets each part once: a second command with the same key is neither
   * recorded nor sent, and its caller gets the record of the first.
   */
  execution?: string;
  /** Texts in the request that nobody may see, whatever the names of their fields; hidden in the record and in the answer. */
  secrets?: readonly string[];
}

/** The record of one command. */
export interface CommandRecord {
  /** Decimal digits. */
  requestId: string;
  clientid: string;
  /** The id of the operation, even if it was found by path and method; null if the catalogue has none. */
  operation: string | null;
  method: string;
  path: string;
  requestBody: unknown;
  state: CommandState;
  /** Why it ended this way, or who holds it while it is QUEUED, in words for a person; null if there is nothing to say. */
  reason: string | null;
  /** The reason without words; null also for words of others, and for a record from before causes were stored. */
  cause: Cause | null;
  /** A TpeErrorCode if the manager ended it. */
  reasonCode: string | null;
  whenOffline: WhenOffline;
  whenGuarded: WhenGuarded;
  timeoutMs: number;
  requestedBy: string;
  instance: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  expiresAt: string;
  sentAt: string | null;
  endedAt: string | null;
  /** The time from publish to answer, ms. */
  latencyMs: number | null;
  answer: Answer | null;
  /** Deviations from the catalogue: those for which it was refused, those that were accepted, and those of the answer. */
  faults: Fault[];
  /** The risk; null for a record from before risks were stored. */
  risk: Risk | null;
  classes: RiskClass[];
  /** The id of the job that it belongs to; null: to none. */
  job: string | null;
}

/** Whether a state is an end: every state but QUEUED and SENT. A late answer can still change TIMED_OUT. */
export function hasEnded(state: CommandState): boolean {
  return state !== 'QUEUED' && state !== 'SENT';
}

export interface CommandQuery {
  clientid?: string;
  /** A part of the id or the name of gateways, in any case. */
  gateway?: string;
  state?: CommandState;
  /** One of these. */
  states?: readonly CommandState[];
  /** The ids of operations: one of these. */
  operations?: readonly string[];
  /** A part of who asked, in any case; what a person did by a job is found, too. */
  who?: string;
  /** Left out: all, with the device manager's own. */
  door?: DoorChoice;
  /** ISO 8601; `since` is included, `until` is not. */
  since?: string;
  until?: string;
  /** The `requestId` of the last record of the page before; records are listed newest first. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** What is known of an operation on a gateway, by whoever it was sent. */
export interface LastAnswer {
  operation: LastAnswered;
  /** The last command that succeeded, which has the values; null if none is on record. */
  values: CommandRecord | null;
  /** The last command that was answered, also with a refusal; the same one as `values` if that was no refusal. */
  last: CommandRecord | null;
}

/** How one of several commands stands. */
export interface CommandOutcome
  extends Pick<CommandRecord, 'requestId' | 'clientid' | 'state' | 'reason' | 'cause'> {
  /** The status of the answer; null if there is none. */
  answerStatus: number | null;
}

/** Sends commands to gateways and reads their records. */
export interface Commands {
  /**
   * Records the command, sends it and resolves with the record when it has ended, in whatever state. Rejects with UNAVAILABLE, BUSY or
   * CLOSED if it could not be recorded; then nothing was sent. Also rejects with CLOSED if the manager closes before the end.
   */
  send(request: CommandRequest): Promise<CommandRecord>;
  /** Does the same as `send`, but resolves once the command is recorded; later states are reported by the `command` event. */
  submit(request: CommandRequest): Promise<CommandRecord>;
  get(requestId: string): Promise<CommandRecord | null>;
  /** How the commands of these ids stand, without their bodies and answers; unknown ones are left out. */
  outcomes(requestIds: readonly string[]): Promise<CommandOutcome[]>;
  /** Resolves when the command has ended, or after `waitMs` with the record as it is then; null if it is unknown. Rejects with CLOSED. */
  waitFor(requestId: string, waitMs: number): Promise<CommandRecord | null>;
  list(query: CommandQuery): Promise<CommandRecord[]>;
  /** The commands to a gateway whose `execution` begins with `prefix`, oldest first. */
  ofExecution(clientid: string, prefix: string): Promise<CommandRecord[]>;
  /** What a gateway answered last to each of the operations, in their order; of commands that are still on record. */
  lastAnswers(clientid: string, operations: readonly LastAnswered[]): Promise<LastAnswer[]>;
  /** Cancels a QUEUED command. Rejects with NOT_FOUND if it is unknown, and with CONFLICT if it was sent or has ended. */
  cancel(requestId: string, requestedBy: string): Promise<CommandRecord>;
}
