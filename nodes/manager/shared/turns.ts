import { denialReason } from './denial-reasons.js';
import { TpeError } from './tpe-error.js';

export interface TurnOptions {
  /** Most works that run at once, of all people. */
  atOnce: number;
  /** Most works of one person that run at once. */
  atOnceEach: number;
  /** Most works of one person that wait. */
  waitingEach: number;
}

/** Runs costly work, a little at a time. A person with much work waits behind a person with none. */
export interface Turns {
  /** Does the work when its turn comes. Rejects with BUSY when too much work of this person waits already. */
  run<Result>(person: string, work: () => Promise<Result>): Promise<Result>;
}

interface Person {
  running: number;
  waiting: (() => void)[];
}

/** Creates the turns with these bounds. */
export function createTurns({ atOnce, atOnceEach, waitingEach }: TurnOptions): Turns {
  // In the order of their turns.
  const people = new Map<string, Person>();
  let running = 0;

  const mayRun = (person: Person) => running < atOnce && person.running < atOnceEach;

  const begin = (name: string, person: Person) => {
    running += 1;
    person.running += 1;
    // Moves the person behind all others.
    people.delete(name);
    people.set(name, person);
  };

  const next = () => {
    for (const [name, person] of [...people]) {
      if (running >= atOnce) return;
      const start = mayRun(person) ? person.waiting.shift() : undefined;
      if (start === undefined) continue;
      begin(name, person);
      start();
    }
  };

  const end = (name: string, person: Person) => {
    running -= 1;
    person.running -= 1;
    if (person.running === 0 && person.waiting.length === 0) people.delete(name);
    next();
  };

  return {
    async run(name, work) {
      const person = people.get(name) ?? { running: 0, waiting: [] };
      people.set(name, person);
      if (mayRun(person)) begin(name, person);
      else if (person.waiting.length >= waitingEach) {
        throw new TpeError('BUSY', denialReason('too-many-costly-requests'));
      } else await new Promise<void>((resolve) => void person.waiting.push(resolve));
      try {
        return await work();
      } finally {
        end(name, person);
      }
    },
  };
}
