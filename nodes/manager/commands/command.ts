import type { Rating, Risk, RiskClass } from '../catalogue/risk.js';
import type { Answer } from '../protocol/answer.js';
import type { Fault } from '../shared/fault.js';

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

/** How to handle a command whose gateway is not connected. */
export const WHEN_OFFLINE = ['fail', 'queue'] as const;
export type WhenOffline = (typeof WHEN_OFFLINE)[number];

/** How to handle a body that does not match the schema of its operation: schemas may be wrong for a firmware. */
export const CHECKS = ['refuse', 'warn'] as const;
export type Check = (typeof CHECKS)[number];

/** A command for one gateway, as callers give it: by an operation of the catalogue, or by path and method. */
export interface CommandRequest {
  clientid: string;
  /** The id of an operation. */
  operation?: string;
  /** The values of the operation's parameters by name. */
  params?: unknown;
  /** `/device/general`, without `/api/v1`; may have a query. */
  path?: string;
  /** GET, POST, PUT, PATCH or DELETE; any case. */
  method?: string;
  /** Default `refuse`. */
  check?: Check;
  /** A JSON object or array; left out is `{}`. */
  requestBody?: unknown;
  /**
   * Headers of a TPE request, as a list of objects with one header each or as one object: `request-expired-time`
   * (`YYYY-MM-DD HH:MM:SS`, UTC, or ISO 8601) is its deadline, and replaces `queueForMs` where that is not given. Others are left out.
   */
  headers?: unknown;
  /** How long to wait for the answer once it is sent, 1000..3600000 ms; default of the manager. */
  timeoutMs?: number;
  /** Default `fail`. */
  whenOffline?: WhenOffline;
  /** How long it may wait for the gateway to come online, ms; default of the manager. */
  queueForMs?: number;
  /** The risk that was confirmed: a command whose risk has become higher, since its operation was changed, is refused. */
  rated?: Rating;
  /** The requester, for the record: a user name, a node's name, `REST`. */
  requestedBy?: string;
}

/** The record of one command. */
export interface CommandRecord {
  /** Decimal digits. */
  requestId: string;
  clientid: string;
  /** The id of the operation, also where it was found by path and method; null where the catalogue has none. */
  operation: string | null;
  method: string;
  path: string;
  requestBody: unknown;
  state: CommandState;
  /** For a person: why it ended so. Null while it has not. */
  reason: string | null;
  /** A TpeErrorCode where the manager ended it. */
  reasonCode: string | null;
  whenOffline: WhenOffline;
  timeoutMs: number;
  requestedBy: string;
  instance: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  expiresAt: string;
  sentAt: string | null;
  endedAt: string | null;
  /** From publish to answer, ms. */
  latencyMs: number | null;
  answer: Answer | null;
  /** Violations of the catalogue: why it was refused, what was accepted all the same, and what in the answer. */
  faults: Fault[];
  /** The risk; null for a record from before risks were stored. */
  risk: Risk | null;
  classes: RiskClass[];
}

/** True in every state but QUEUED and SENT. */
export function hasEnded(state: CommandState): boolean {
  return state !== 'QUEUED' && state !== 'SENT';
}

export interface CommandQuery {
  clientid?: string;
  state?: CommandState;
  /** Newest first; `requestId` of the last one seen. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** Sends a command and resolves with its end. */
export interface Commands {
  /**
   * Records the command and sees it through; resolves with the record when it has ended, in whatever state.
   * Rejects only when it could not be recorded (UNAVAILABLE, CLOSED): then nothing was sent.
   */
  send(request: CommandRequest): Promise<CommandRecord>;
  /** As send, but resolves once it is recorded; later states are reported by the `command` event. */
  submit(request: CommandRequest): Promise<CommandRecord>;
  get(requestId: string): Promise<CommandRecord | null>;
  /** Resolves when it has ended, or after `waitMs` with the record as it then is. Null when unknown. */
  waitFor(requestId: string, waitMs: number): Promise<CommandRecord | null>;
  list(query: CommandQuery): Promise<CommandRecord[]>;
  /** Ends a QUEUED command. NOT_FOUND; CONFLICT when it was sent or has ended. */
  cancel(requestId: string, requestedBy: string): Promise<CommandRecord>;
}
