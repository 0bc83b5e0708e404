import { computed, getCurrentInstance, onBeforeUnmount, onMounted, ref, shallowReactive } from 'vue';
import type { MadePasswords } from '../../../api/procedures/passwords.js';
import { t } from '../i18n/translate.js';

// Generated passwords are shown once. A deploy recreates the widget, so they are kept outside it until the person has saved them, and
// leaving the page needs a confirmation until then.

interface Kept extends MadePasswords {
  /** Other data that the widget shows with them. */
  beside: unknown;
  isSaved: boolean;
}

const kept = shallowReactive(new Map<string, Kept>());
const isUnsaved = computed(() => [...kept.values()].some(({ isSaved }) => !isSaved));

/** Answers the open question whether to leave the page; null if no question is open. */
const leaving = ref<((goes: boolean) => void) | null>(null);

/** The part of the dashboard's router that is used here. */
interface Router {
  beforeEach(guard: (to: { path: string }, from: { path: string }) => Promise<boolean> | boolean): unknown;
}
const guarded = new WeakSet<Router>();

// Covers closing and reloading the page, going to another address, and signing out, which sends a form.
window.addEventListener('beforeunload', (event) => {
  if (!isUnsaved.value) return;
  event.preventDefault();
  // Older browsers ignore `preventDefault` here and need this.
  event.returnValue = true;
});

function guard(router: Router | undefined): void {
  if (router === undefined || guarded.has(router)) return;
  guarded.add(router);
  router.beforeEach((to, from) => to.path === from.path || mayLeave());
}

/** Asks for confirmation if passwords are not saved, and returns whether to leave. Returns true at once if all are saved. */
function mayLeave(): Promise<boolean> | boolean {
  if (!isUnsaved.value) return true;
  // Only one question can be open, so the earlier one gets the answer no.
  leaving.value?.(false);
  const settled = (goes: boolean) => {
    if (goes) for (const [place, { isSaved }] of kept) if (!isSaved) kept.delete(place);
    return goes;
  };
  if (dialogs.length === 0) return settled(window.confirm(`${t('leaveTitle')}. ${t('leaveText')}`));
  return new Promise((resolve) => {
    leaving.value = (goes) => {
      leaving.value = null;
      resolve(settled(goes));
    };
  });
}

/** The dialogs that can show the question. Only the first one on a page shows it. */
const dialogs = shallowReactive<symbol[]>([]);

/** Provides the question whether to leave to a dialog: whether it must be shown, and how to answer it. Call it in setup. */
export function useLeaving() {
  const own = Symbol('dialog');
  onMounted(() => void dialogs.push(own));
  onBeforeUnmount(() => void dialogs.splice(dialogs.indexOf(own), 1));
  return {
    isAsked: computed(() => leaving.value !== null && dialogs[0] === own),
    answer: (goes: boolean) => leaving.value?.(goes),
  };
}

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
  guard((getCurrentInstance()?.proxy as unknown as { $router?: Router } | null)?.$router);
  return {
    made: computed(() => (kept.get(place()) ?? null) as (Kept & { beside: Beside }) | null),
    keep: (passwords: MadePasswords | null, beside: Beside) => keepPasswords(place(), passwords, beside),
    saved() {
      const one = kept.get(place());
      if (one !== undefined) kept.set(place(), { ...one, isSaved: true });
    },
    /** Removes the passwords. Asks for confirmation if they are not saved, and resolves with false if the person keeps them. */
    async forget(): Promise<boolean> {
      if (kept.get(place())?.isSaved === false && !(await mayLeave())) return false;
      kept.delete(place());
      return true;
    },
  };
}
