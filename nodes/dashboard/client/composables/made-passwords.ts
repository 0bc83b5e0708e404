import { computed, getCurrentInstance, onBeforeUnmount, onMounted, ref, shallowReactive } from 'vue';
import type { MadePasswords } from '../../../api/procedures/passwords.js';
import { t } from '../i18n/translate.js';

// Generated passwords are shown once. Until they are saved they outlive their widget, which a deploy recreates, and leaving the
// page needs a confirmation.

interface Kept extends MadePasswords {
  /** Other data that the widget shows with them. */
  beside: unknown;
  isSaved: boolean;
}

const kept = shallowReactive(new Map<string, Kept>());
const isUnsaved = computed(() => [...kept.values()].some(({ isSaved }) => !isSaved));

/** Resolves the open question whether to leave; null: none is open. */
const leaving = ref<((goes: boolean) => void) | null>(null);

/** The part of the dashboard's router that is used here. */
interface Router {
  beforeEach(guard: (to: { path: string }, from: { path: string }) => Promise<boolean> | boolean): unknown;
}
const guarded = new WeakSet<Router>();

// Closing the page, reloading it, another address, and signing out, which sends a form.
window.addEventListener('beforeunload', (event) => {
  if (!isUnsaved.value) return;
  event.preventDefault();
  // Browsers that do not know the line before.
  event.returnValue = true;
});

function guard(router: Router | undefined): void {
  if (router === undefined || guarded.has(router)) return;
  guarded.add(router);
  router.beforeEach((to, from) => to.path === from.path || mayLeave());
}

/** Asks for confirmation if passwords are not saved; returns true at once if there are none. */
function mayLeave(): Promise<boolean> | boolean {
  if (!isUnsaved.value) return true;
  // A question is open already: it is answered with no.
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

/** Where the question can be put; the first one on a page puts it. */
const dialogs = shallowReactive<symbol[]>([]);

/** The question whether to leave. Call it in setup. */
export function useLeaving() {
  const own = Symbol('dialog');
  onMounted(() => void dialogs.push(own));
  onBeforeUnmount(() => void dialogs.splice(dialogs.indexOf(own), 1));
  return {
    isAsked: computed(() => leaving.value !== null && dialogs[0] === own),
    answer: (goes: boolean) => leaving.value?.(goes),
  };
}

/** Where passwords were made, of the places that begin so. */
export function placesOfPasswords(beginning: string) {
  return computed(() => [...kept.keys()].filter((place) => place.startsWith(beginning)));
}

/** Keeps passwords at a place until they are saved; `passwords` null: there is something to show, and nothing to save. */
export function keepPasswords(place: string, passwords: MadePasswords | null, beside: unknown): void {
  kept.set(place, { ...(passwords ?? { count: 0, file: '' }), beside, isSaved: passwords === null });
}

/** The passwords that were made at a place of the dashboard. To be called in setup. */
export function useMadePasswords<Beside>(place: () => string) {
  guard((getCurrentInstance()?.proxy as unknown as { $router?: Router } | null)?.$router);
  return {
    made: computed(() => (kept.get(place()) ?? null) as (Kept & { beside: Beside }) | null),
    keep: (passwords: MadePasswords | null, beside: Beside) => keepPasswords(place(), passwords, beside),
    saved() {
      const one = kept.get(place());
      if (one !== undefined) kept.set(place(), { ...one, isSaved: true });
    },
    /** Asks for confirmation if they are not saved; resolves with false if they are kept. */
    async forget(): Promise<boolean> {
      if (kept.get(place())?.isSaved === false && !(await mayLeave())) return false;
      kept.delete(place());
      return true;
    },
  };
}
