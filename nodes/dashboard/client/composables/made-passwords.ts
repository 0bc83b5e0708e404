import { computed, shallowReactive } from 'vue';
import type { MadePasswords } from '../../../api/procedures/passwords.js';
import { guardPages, type Held, hold, mayLeave } from './leaving.js';

// Generated passwords are shown once. A deploy recreates the widget, so they are kept outside it until the person has saved them, and
// leaving the page needs a confirmation until then.

interface Kept extends MadePasswords {
  /** Other data that the widget shows with them. */
  beside: unknown;
  isSaved: boolean;
}

const kept = shallowReactive(new Map<string, Kept>());
const isUnsaved = computed(() => [...kept.values()].some(({ isSaved }) => !isSaved));

const held: Held = {
  what: 'secrets',
  wouldBeLost: () => isUnsaved.value,
  giveUp() {
    for (const [place, { isSaved }] of kept) if (!isSaved) kept.delete(place);
  },
};
hold(held);

/** The places that have passwords and whose names begin with `beginning`. */
export function placesOfPasswords(beginning: string) {
  return computed(() => [...kept.keys()].filter((place) => place.startsWith(beginning)));
}

/** Keeps passwords at a place until the person has saved them. `passwords` is null if there is something to show but nothing to save. */
export function keepPasswords(place: string, passwords: MadePasswords | null, beside: unknown): void {
  kept.set(place, { ...(passwords ?? { count: 0, file: '' }), beside, isSaved: passwords === null });
}

/**
 * Provides the passwords that are kept at a place of the dashboard, and asks before the person leaves the page without saving them. Call it
 * in setup.
 */
export function useMadePasswords<Beside>(place: () => string) {
  guardPages();
  return {
    made: computed(() => (kept.get(place()) ?? null) as (Kept & { beside: Beside }) | null),
    keep: (passwords: MadePasswords | null, beside: Beside) => keepPasswords(place(), passwords, beside),
    saved() {
      const one = kept.get(place());
      if (one !== undefined) kept.set(place(), { ...one, isSaved: true });
    },
    /** Removes the passwords. Asks for confirmation if they are not saved, and resolves with false if the person keeps them. */
    async forget(): Promise<boolean> {
      if (kept.get(place())?.isSaved === false && !(await mayLeave([held]))) return false;
      kept.delete(place());
      return true;
    },
  };
}
