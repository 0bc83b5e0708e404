import type { CommandRecord, CommandRequest } from '../commands/command.js';
import type { Reason } from '../shared/reason.js';

/** How long things take until a gateway is well again, ms. */
export interface WellTiming {
  /** How long a gateway may stay online before it goes: one that is online all that time does not restart. */
  leave: number;
  /** How long it must be online without a break after a restart. */
  settle: number;
  /** The same after a command that restarts nothing. */
  settleOtherwise: number;
  /** How long to wait in all, from the moment when the command was sent. */
  within: number;
  /** The timeout of a question to the gateway. */
  answer: number;
  /** The pause before a question is repeated: the first one, and the longest. */
  retry: number;
  retryMost: number;
}

/** The values for real gateways. */
export const DEFAULT_WELL_TIMING: WellTiming = {
  leave: 60_000,
  settle: 120_000,
  settleOtherwise: 20_000,
  within: 1_800_000,
  answer: 30_000,
  retry: 5000,
  retryMost: 60_000,
};

/** How a gateway stood before something was done with it. It can be stored as JSON. */
export interface Before {
  /** The names of the applications that ran; null if the gateway did not tell: not every model has `/apps`. */
  apps: readonly string[] | null;
  /** Since when it was online, ISO 8601 UTC; null if it was not online or that is not known. */
  onlineSince: string | null;
}

/** Whether a gateway was well again in time, and how long that took from the moment when the command was sent, ms. */
export type WellResult = { well: true; tookMs: number } | { well: false; tookMs: number; reason: Reason };

export interface WaitOptions {
  /** How long the gateway must be online without a break, ms. Default: that of the timing. */
  settleMs?: number;
  /** How long to wait in all, ms. Default: that of the timing. */
  withinMs?: number;
  /** Ends the wait, which then rejects with CLOSED. */
  signal?: AbortSignal;
}

export interface UntilWellOptions extends WaitOptions {
  clientid: string;
  /** What `before` said. */
  ran: Before;
}

export interface SendOptions extends WaitOptions {
  /** Called when the command has ended and the wait for the gateway begins. */
  onWaiting?(record: CommandRecord): void;
}

export interface SentUntilWell {
  /** The record when the command ended. The wait changes nothing in it. */
  record: CommandRecord;
  /** Null if there was nothing to wait for: the command did not reach the gateway, it refused, or the command interrupts nothing. */
  well: WellResult | null;
}

/**
 * Says when a gateway is well again after it was disturbed: it was away and came back (or did not go within a minute), is online without
 * a break for a while, answers, and runs what ran before.
 */
export interface Well {
  /** Asks a gateway which applications run. Never rejects: what cannot be read is null. */
  before(clientid: string): Promise<Before>;
  /** Waits until the gateway is well, or the time is over. Rejects with CLOSED when the manager closes or the signal is aborted. */
  untilWell(options: UntilWellOptions): Promise<WellResult>;
  /**
   * Sends a command by `Commands.send`, and waits until the gateway is well again if the command is disruptive or worse and was carried out. A
   * restarting one also counts as carried out when it has no answer: the gateway may have gone before. Rejects as `send` and `untilWell` do.
   */
  sendUntilWell(request: CommandRequest, options?: SendOptions): Promise<SentUntilWell>;
}
