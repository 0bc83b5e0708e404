import { TpeError } from './tpe-error.js';

export interface TurnOptions {
  /** How many works run at once, in all. */
  atOnce: number;
  /** The same, of one person. */
  atOnceEach: number;
  /** How many of one person may wait. */
  waitingEach: number;
}

/** Works that take much, few at a time; who has begun many waits behind who has begun none. */
export interface Turns {
  /** Does the work when it is its turn. BUSY where too much of this person waits already. */
  run<Result>(person: string, work: () => Promise<Result>): Promise<Result>;
}

interface Person {
  running: number;
  waiting: (() => void)[];
}

export function createTurns({ atOnce, atOnceEach, waitingEach }: TurnOptions): Turns {
  // In the order of whose turn it is.
  const people = new Map<string, Person>();
  let running = 0;

  const mayRun = (person: Person) => running < atOnce && person.running < atOnceEach;

  const begin = (name: string, person: Person) => {
    running += 1;
    person.running += 1;
    // Behind all others now.
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
        throw new TpeError('BUSY', 'Too many of these requests at once: wait until the current ones end.');
      } else await new Promise<void>((resolve) => void person.waiting.push(resolve));
      try {
        return await work();
      } finally {
        end(name, person);
      }
    },
  };
}
