import { computed, getCurrentInstance, onBeforeUnmount, onMounted, ref, shallowReactive } from 'vue';
import { t } from '../i18n/translate.js';

// What would be lost with the page: the person is asked before it is left, by whatever way.

/** What would be lost: what is shown once, or what was typed and is kept nowhere. */
export type Lost = 'secrets' | 'form';

/** Something on the page that may be lost with it. */
export interface Held {
  what: Lost;
  wouldBeLost(): boolean;
  /** Gives it up, once the person leaves it. */
  giveUp(): void;
}

/** The part of the dashboard's router that is used here. */
interface Router {
  beforeEach(guard: (to: { path: string }, from: { path: string }) => Promise<boolean> | boolean): unknown;
}

const WORDS = {
  secrets: { title: 'leaveTitle', text: 'leaveText', leave: 'leave', stay: 'stay' },
  form: { title: 'leaveFormTitle', text: 'leaveFormText', leave: 'leaveForm', stay: 'stayForm' },
} as const;

const all = new Set<Held>();
const guarded = new WeakSet<Router>();
/** The open question; null if there is none. */
const asked = ref<{ what: Lost; answer: (goes: boolean) => void } | null>(null);
/** The dialogs that can show the question. Only the first one on a page shows it. */
const dialogs = shallowReactive<symbol[]>([]);

// Covers closing and reloading the page, going to another address, and signing out, which sends a form.
window.addEventListener('beforeunload', (event) => {
  if (!isAnyLost(all)) return;
  event.preventDefault();
  // Older browsers ignore `preventDefault` here and need this.
  event.returnValue = true;
});

/** Asks for this as long as the page is there. */
export function hold(held: Held): void {
  all.add(held);
}

/**
 * Asks before the page is left while what was typed in a form is kept nowhere. Returns a function by which the form asks before it is left
 * alone, and which resolves with whether to leave. Call it in setup.
 */
export function useUnsaved(wouldBeLost: () => boolean): () => Promise<boolean> | boolean {
  const own: Held = { what: 'form', wouldBeLost, giveUp: () => undefined };
  all.add(own);
  onBeforeUnmount(() => void all.delete(own));
  guardPages();
  return () => mayLeave([own]);
}

/** Asks before another page is shown. Call it in setup. */
export function guardPages(): void {
  const router = (getCurrentInstance()?.proxy as unknown as { $router?: Router } | null)?.$router;
  if (router === undefined || guarded.has(router)) return;
  guarded.add(router);
  router.beforeEach((to, from) => to.path === from.path || mayLeave());
}

/** Asks for confirmation if something of this would be lost, and returns whether to leave; true at once if nothing would be. */
export function mayLeave(held: Iterable<Held> = all): Promise<boolean> | boolean {
  const lost = [...held].filter((one) => one.wouldBeLost());
  if (lost.length === 0) return true;
  // Only one question can be open, so the earlier one gets the answer no.
  asked.value?.answer(false);
  const what = lost.some((one) => one.what === 'secrets') ? 'secrets' : 'form';
  const settle = (goes: boolean) => {
    if (goes) for (const one of lost) one.giveUp();
    return goes;
  };
  const { title, text } = WORDS[what];
  if (dialogs.length === 0) return settle(window.confirm(`${t(title)}. ${t(text)}`));
  return new Promise((resolve) => {
    asked.value = {
      what,
      answer(goes) {
        asked.value = null;
        resolve(settle(goes));
      },
    };
  });
}

function isAnyLost(held: Iterable<Held>): boolean {
  return [...held].some((one) => one.wouldBeLost());
}

/** Provides the question whether to leave to a dialog: its words while it must be shown, and how to answer it. Call it in setup. */
export function useLeaving() {
  const own = Symbol('dialog');
  guardPages();
  onMounted(() => void dialogs.push(own));
  onBeforeUnmount(() => void dialogs.splice(dialogs.indexOf(own), 1));
  return {
    words: computed(() => (asked.value === null || dialogs[0] !== own ? null : WORDS[asked.value.what])),
    answer: (goes: boolean) => asked.value?.answer(goes),
  };
}
