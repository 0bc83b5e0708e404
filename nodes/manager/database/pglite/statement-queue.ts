import { setImmediate as turn } from 'node:timers/promises';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';

/** Who may use the one connection, one after the other. */
export interface StatementQueue {
  /** Runs the work, a statement or a whole transaction, when its turn comes; an urgent one before those that are not. Rejects as the work does. */
  run<T>(isUrgent: boolean, work: () => Promise<T>): Promise<T>;
  /** Runs the work when nothing else waits. */
  runLast<T>(work: () => Promise<T>): Promise<T>;
}

/** So many urgent ones run before one of the others gets its turn. */
const URGENT_IN_A_ROW = 4;

/**
 * Creates the queue. PGlite has a queue of its own, but begins the next statement before sockets and timers had their turn, so that many
 * statements of others that wait would stop the process as one long one does.
 */
export function createStatementQueue(): StatementQueue {
  const urgent: (() => Promise<void>)[] = [];
  const others: (() => Promise<void>)[] = [];
  const last: (() => Promise<void>)[] = [];
  let urgentInARow = 0;
  let isRunning = false;

  function next(): (() => Promise<void>) | undefined {
    const isTurnOfOthers = urgentInARow >= URGENT_IN_A_ROW && others.length > 0;
    if (urgent.length > 0 && !isTurnOfOthers) {
      urgentInARow += 1;
      return urgent.shift();
    }
    urgentInARow = 0;
    return others.shift() ?? last.shift();
  }

  async function runAll(): Promise<void> {
    isRunning = true;
    for (let work = next(); work !== undefined; work = next()) {
      await work();
      // What a socket brings is a statement only a turn later, and then goes before those of others that wait.
      if ((await yieldToEventLoop()) && urgent.length === 0) await turn();
    }
    isRunning = false;
  }

  function runIn<T>(list: (() => Promise<void>)[], work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      list.push(() => work().then(resolve, reject));
      if (!isRunning) void runAll();
    });
  }

  return {
    run: (isUrgent, work) => runIn(isUrgent ? urgent : others, work),
    runLast: (work) => runIn(last, work),
  };
}
