import { type Asker, personOf } from '../../api/caller.js';
import { breathe } from '../../manager/shared/breathe.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { createTurns, type Turns } from '../../manager/shared/turns.js';
import { createUploads, type Uploads } from './uploads.js';

const MOST_AT_ONCE = 40;
const MOST_FOLLOWS = 200;
/** A browser asks for parts of a file one behind the other, so that few of one person wait. */
const COSTLY = { atOnce: 4, atOnceEach: 1, waitingEach: 10 };
/** What is followed is answered again with each change: of all pages of all people. */
const FOLLOWED = { atOnce: 64, atOnceEach: 16, waitingEach: MOST_FOLLOWS };

/** What one person may ask of the server at once, through all widgets, pages and browsers together. */
export interface LoadLimits {
  /** Does what was asked for. BUSY where the person has too much under way. */
  once<Result>(asker: Asker, isCostly: boolean, work: () => Promise<Result>): Promise<Result>;
  /** Answers again what is followed, when it is its turn. */
  again<Result>(asker: Asker, work: () => Promise<Result>): Promise<Result>;
  /** Throws BUSY where the person follows too much; else called once more when a follow has ended. */
  follow(asker: Asker): () => void;
  /** What they send in parts. */
  uploads: Uploads;
}

export function createLoadLimits(): LoadLimits {
  const costly: Turns = createTurns(COSTLY);
  const followed: Turns = createTurns(FOLLOWED);
  const working = createCounts();
  const follows = createCounts();

  return {
    uploads: createUploads(),
    async once(asker, isCostly, work) {
      const person = personOf(asker);
      if (working.of(person) >= MOST_AT_ONCE)
        throw new TpeError('BUSY', 'Too many requests at once: wait for the answers.');
      const end = working.add(person);
      try {
        // Many that came at once are not begun at once.
        await breathe();
        return isCostly ? await costly.run(person, work) : await work();
      } finally {
        end();
      }
    },
    again: (asker, work) =>
      followed.run(personOf(asker), async () => {
        await breathe();
        return await work();
      }),
    follow(asker) {
      const person = personOf(asker);
      if (follows.of(person) >= MOST_FOLLOWS)
        throw new TpeError('BUSY', 'Your pages have too many subscriptions: close some of them.');
      return follows.add(person);
    },
  };
}

function createCounts() {
  const counts = new Map<string, number>();
  return {
    of: (person: string) => counts.get(person) ?? 0,
    /** Returns what takes it away again, once. */
    add(person: string): () => void {
      counts.set(person, (counts.get(person) ?? 0) + 1);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const left = (counts.get(person) ?? 1) - 1;
        if (left > 0) counts.set(person, left);
        else counts.delete(person);
      };
    },
  };
}
