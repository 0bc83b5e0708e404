/** The most lines per minute, in all and for each address, so that one address that tries many client ids does not hide the others. */
const MAX_LINES = 100;
const MAX_LINES_OF_ADDRESS = 20;
const MINUTE_MS = 60_000;

/** Called with each refused login; `text` is the log line. */
export type RefusalLog = (clientid: string, address: string, text: string) => void;

/**
 * Creates a log that writes one line per minute for a client id at an address, with how often it was refused since its line before. If
 * there are too many lines in a minute, it writes how many refusals were left out.
 */
export function createRefusalLog(write: (line: string) => void, now: () => number = Date.now): RefusalLog {
  let minute = 0;
  /** The number of refusals after the line was written, for this minute and the one before. */
  let counts = new Map<string, number>();
  let before = new Map<string, number>();
  const linesOf = new Map<string, number>();
  let crowdedOut = 0;

  function turnTo(current: number): void {
    before = current === minute + 1 ? counts : new Map();
    counts = new Map();
    linesOf.clear();
    minute = current;
    if (crowdedOut > 0) write(`${crowdedOut} more logins were refused, of clients that no line names.`);
    crowdedOut = 0;
  }

  return (clientid, address, text) => {
    const current = Math.floor(now() / MINUTE_MS);
    if (current !== minute) turnTo(current);
    const subject = `${address} ${clientid}`;
    const count = counts.get(subject);
    if (count !== undefined) {
      counts.set(subject, count + 1);
      return;
    }
    const lines = linesOf.get(address) ?? 0;
    if (counts.size >= MAX_LINES || lines >= MAX_LINES_OF_ADDRESS) {
      crowdedOut += 1;
      return;
    }
    linesOf.set(address, lines + 1);
    counts.set(subject, 0);
    const unwritten = before.get(subject) ?? 0;
    write(unwritten === 0 ? text : `${text} It was refused ${unwritten} times more in the minute before.`);
  };
}
